"""The entries of mails in the timelines of documents and subscriptions."""

from typing import Any, NamedTuple

from invoicing.core.event import About, Change, Event, Recorded
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
)
from invoicing.mail.model import OutgoingMail
from invoicing.store.store import Store
from invoicing.subscriptions.model import SubscriptionSummary


class MailEvents(NamedTuple):
    """The events of one outcome: of a mail with a document, with a reminder, and about a subscription."""

    document: type[Event]
    reminder: type[Event]
    subscription: type[Event]

    def of(self, mail: OutgoingMail, **facts: Any) -> Event:
        """The event of a mail, with those of the facts that it has.

        Events about subscriptions have no addresses and no texts of mail servers, so that erasure has none to remove.
        """
        kind = self.reminder if mail.document_id else self.document
        if mail.subscription_id is not None:
            kind = self.subscription
        facts["mail_id"] = mail.id
        return kind(**{name: facts[name] for name in kind.model_fields if name in facts})


SENT = MailEvents(EmailSent, ReminderSent, ConfirmationSent)
FAILED = MailEvents(EmailFailed, ReminderFailed, ConfirmationFailed)
DEFERRED = MailEvents(EmailDeferred, ReminderDeferred, ConfirmationDeferred)
BOUNCED = MailEvents(EmailBounced, EmailBounced, ConfirmationBounced)


def in_timeline(store: Store, mail: OutgoingMail, event: Event) -> Change:
    """The entry about a mail in its new state. The cancellation of a subscription shows the status of its mail."""
    if mail.subscription_id is None:
        return About(InvoiceSummary, mail.subject_id, event)
    subscription = store.get(SubscriptionSummary, mail.subscription_id)
    if subscription.cancellation is not None:
        status = "requested" if mail.status == "claimed" else mail.status
        cancellation = subscription.cancellation.confirmed(mail.id, status)
        subscription = subscription.model_copy(update={"cancellation": cancellation})
    return Recorded(subscription, event)
