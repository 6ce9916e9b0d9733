"""The entries of mails in the timelines of documents, subscriptions, customers and webhook endpoints."""

from typing import Any, NamedTuple

from invoicing.core.event import About, Change, Event, Recorded
from invoicing.customers.model import Customer
from invoicing.invoices.model import InvoiceSummary
from invoicing.mail.events import (
    ConfirmationBounced,
    ConfirmationDeferred,
    ConfirmationFailed,
    ConfirmationSent,
    EmailBounced,
    EmailDeferred,
    EmailFailed,
    EmailSent,
    ReminderDeferred,
    ReminderFailed,
    ReminderSent,
    StatementBounced,
    StatementDeferred,
    StatementFailed,
    StatementSent,
    WebhookMailBounced,
    WebhookMailDeferred,
    WebhookMailFailed,
    WebhookMailSent,
)
from invoicing.mail.model import OutgoingMail
from invoicing.store.store import Store
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.webhooks.model import WebhookEndpoint


class MailEvents(NamedTuple):
    """The events of one outcome: one for each kind of mail."""

    document: type[Event]
    reminder: type[Event]
    subscription: type[Event]
    statement: type[Event]
    endpoint: type[Event]

    def of(self, mail: OutgoingMail, **facts: Any) -> Event:
        """The event of a mail, with those of the facts that it has.

        Only events about documents have addresses and texts of mail servers, so that erasure has no others to remove.
        """
        kind = self.reminder if mail.reminds else self.document
        if mail.subscription_id is not None:
            kind = self.subscription
        if mail.customer_id is not None:
            kind = self.statement
        if mail.endpoint_id is not None:
            kind = self.endpoint
        facts |= {"mail_id": mail.id, "endpoint_id": mail.endpoint_id}
        return kind(**{name: facts[name] for name in kind.model_fields if name in facts})


SENT = MailEvents(EmailSent, ReminderSent, ConfirmationSent, StatementSent, WebhookMailSent)
FAILED = MailEvents(EmailFailed, ReminderFailed, ConfirmationFailed, StatementFailed, WebhookMailFailed)
DEFERRED = MailEvents(EmailDeferred, ReminderDeferred, ConfirmationDeferred, StatementDeferred, WebhookMailDeferred)
BOUNCED = MailEvents(EmailBounced, EmailBounced, ConfirmationBounced, StatementBounced, WebhookMailBounced)


def in_timeline(store: Store, mail: OutgoingMail, *events: Event) -> Change:
    """The entries about a mail in its new state.

    The cancellation of a subscription shows the status of its mail. A direct debit is not announced by a lost mail.
    """
    if mail.customer_id is not None:
        return About(Customer, mail.customer_id, *events)
    if mail.endpoint_id is not None:
        # An admin may delete the endpoint before its mail is sent. Its timeline stays.
        return About(WebhookEndpoint, mail.endpoint_id, *events, deleted=True)
    if mail.debit is not None and (mail.status == "failed" or (mail.to and mail.reached_nobody)):
        invoice = store.get(InvoiceSummary, mail.subject_id)
        if invoice.collection is not None:
            collection = invoice.collection.without_mail(mail.id)
            return Recorded(invoice.with_collection(collection, store.session.now), *events)
    if mail.subscription_id is None:
        return About(InvoiceSummary, mail.subject_id, *events)
    subscription = store.get(SubscriptionSummary, mail.subscription_id)
    if subscription.cancellation is not None:
        status = "requested" if mail.status == "claimed" else mail.status
        cancellation = subscription.cancellation.confirmed(mail.id, status)
        subscription = subscription.model_copy(update={"cancellation": cancellation})
    return Recorded(subscription, *events)
