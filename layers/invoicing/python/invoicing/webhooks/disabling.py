"""The end of the attempts to reach an endpoint, and the mail about it to the tenant's admins."""

from datetime import datetime

from invoicing.core.errors import SenderNotGranted
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.mail.events import WebhookMailRequested
from invoicing.mail.model import MOST_RECIPIENTS, OutgoingMail, Sending
from invoicing.store.listing import items_in
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.model import Tenant
from invoicing.users.model import User
from invoicing.users.table import all_users
from invoicing.webhooks.events import WebhookDisabled
from invoicing.webhooks.model import GivenUp, WebhookEndpoint


def disable(store: Store, endpoint: WebhookEndpoint, reason: GivenUp, at: datetime) -> None:
    """Disable an endpoint and request the mail to the admins, in one commit.

    Only one commit can disable the state that was read, so a repeated attempt requests no second mail.
    """
    disabled, happened = endpoint.disabled(reason, at), WebhookDisabled(reason=reason)
    sending = _to_admins(store)
    if sending is None:
        store.record(Recorded(disabled, happened))
        return
    now = store.session.now
    mail = OutgoingMail.about_endpoint(new_id("mail", now), endpoint.id, sending, at=now)
    store.record(Recorded(disabled, happened, WebhookMailRequested(mail_id=mail.id)), mail)


def _to_admins(store: Store) -> Sending | None:
    """The active admins of the tenant, as many as a mail can have; None if there is nobody, or no sender."""
    tenant = store.get(Tenant)
    try:
        tenant.require_sender()
    except (SenderMissing, SenderNotGranted):
        return None
    found = items_in(all_users(store.tenant_id).partition, role="admin")
    admins = [user.email for item in found if not (user := model_of(User, item)).deactivated]
    to = tuple(admins[: MOST_RECIPIENTS - len(tenant.email_bcc)])
    return Sending(to=to, attach_pdf=False) if to else None
