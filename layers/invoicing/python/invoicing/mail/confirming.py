"""The mail that confirms the cancellation of a subscription to its customer."""

from typing import Final
from zoneinfo import ZoneInfo

from invoicing.aws.email import Mail
from invoicing.core.event import Recorded
from invoicing.customers.model import Customer
from invoicing.documents.texts.wording import Wording
from invoicing.mail.events import ConfirmationRequested
from invoicing.mail.model import OutgoingMail, Sending
from invoicing.mail.table import posting
from invoicing.mail.words import mail_of
from invoicing.store.store import Store
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.terms import Confirmation
from invoicing.tenants.model import Tenant

CANCELLATION_CHANGED: Final = "CANCELLATION_CHANGED"
"""The reason why a confirmation is not sent: its cancellation was revoked or replaced before."""


def require_confirmable(store: Store, subscription: Subscription) -> Sending:
    """The recipients of a confirmation. Refuses one that cannot be sent."""
    customer = store.get(Customer, subscription.customer_id)
    tenant, post = posting(store, customer.emails)
    tenant.require_sender("/confirm")
    post.require(customer.emails, tenant.email_daily_limit, pointer="/confirm")
    return Sending(to=customer.emails, attach_pdf=False)


def with_confirmation(
    store: Store, recorded: Recorded[Subscription], id_: str
) -> tuple[Recorded[Subscription], OutgoingMail]:
    """A canceled subscription that names the mail with this id, and the mail."""
    subscription = recorded.thing
    sending = require_confirmable(store, subscription)
    mail = OutgoingMail.about_subscription(id_, subscription.id, sending, at=store.session.now)
    if subscription.cancellation is None:
        raise AssertionError("only a cancellation is confirmed")
    cancellation = subscription.cancellation.model_copy(update={"confirmation": Confirmation(mail_id=id_)})
    after = subscription.model_copy(update={"cancellation": cancellation})
    return Recorded(after, *recorded.events, ConfirmationRequested(mail_id=id_)), mail


def confirmation_mail(store: Store, outgoing: OutgoingMail, tenant: Tenant) -> Mail | None:
    """The mail with the last day of a subscription; None if it does not confirm the cancellation any more."""
    subscription = store.get(Subscription, outgoing.subject_id)
    cancellation = subscription.cancellation
    if cancellation is None or cancellation.confirmation is None or cancellation.confirmation.mail_id != outgoing.id:
        return None
    customer = store.get(Customer, subscription.customer_id)
    formats = Wording.of(subscription.language or customer.language or tenant.language)
    recorded = outgoing.created_at.astimezone(ZoneInfo(tenant.time_zone))
    facts = {
        "seller": tenant.name,
        "subscription": subscription.external_id or subscription.id,
        "start": formats.date(subscription.start_date),
        "end": formats.date(cancellation.on),
        "recorded": f"{formats.date(recorded.date())}, {recorded:%H:%M}",
    }
    return mail_of(outgoing, tenant, formats.texts.cancellation_mail, facts)
