"""The mail to the tenant's admins about a webhook endpoint that the service disabled."""

from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from invoicing.aws.email import Mail
from invoicing.documents.texts.model import Message
from invoicing.documents.texts.wording import Wording
from invoicing.mail.model import OutgoingMail
from invoicing.mail.words import mail_of
from invoicing.store.store import Store
from invoicing.tenants.mail_text import fill
from invoicing.tenants.model import Tenant
from invoicing.webhooks.errors import EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint

ENDPOINT_CHANGED: Final = "ENDPOINT_CHANGED"
"""The reason why the mail is not sent: the endpoint was activated, disabled by a user, or deleted before."""


def disabled_mail(store: Store, outgoing: OutgoingMail, endpoint_id: str, tenant: Tenant) -> Mail | None:
    """The mail in the language of the tenant; None if the service does not keep the endpoint disabled any more."""
    try:
        endpoint = store.get(WebhookEndpoint, endpoint_id)
    except EndpointNotFound:
        return None
    words = Wording.of(tenant.language)
    texts = words.texts.disabled_mail
    happened = {"gone": texts.gone, "failing": texts.failing}.get(endpoint.disabled_reason or "")
    if happened is None:
        return None
    # The rest of an address may be a secret of its receiver.
    host = urlsplit(endpoint.url or "").hostname or ""
    at = outgoing.created_at.astimezone(ZoneInfo(tenant.time_zone))
    facts = {
        "seller": tenant.name,
        "name": endpoint.description or host,
        "host": host,
        "endpoint_id": endpoint.id,
        "at": f"{words.date(at.date())}, {at:%H:%M}",
    }
    return mail_of(outgoing, tenant, Message(texts.subject, fill(texts.text, {"happened": happened})), facts)
