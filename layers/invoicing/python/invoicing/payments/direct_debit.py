"""The direct debit of an invoice: which mandate it names, how it was announced, and how it failed.

Most invoices store none. It is a part of the head, so that a run of direct debits reads nothing else of them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

from invoicing.core.model import Amount, Day, Instant, ShortText, Value


class DebitNotice(Value):
    """The announcement of a direct debit to the customer (pre-notification)."""

    mandate_reference: ShortText
    """Reference of the mandate."""
    creditor_id: str
    """Creditor identifier of the tenant."""
    amount: Amount
    """Amount that was announced."""
    collected_on: Day
    """Day that was announced. The amount is not collected earlier."""
    announced_at: Instant | None = None
    """When it was announced by a mail of its own; null if the document announces it itself, once it is sent."""
    mail_id: str | None = None
    """Identifier of that mail; null if the document announces it itself."""
    lost: bool = False
    """Whether the mail reached nobody, so that the customer does not know of the debit."""


class FailedDebit(Value):
    """The last direct debit that the bank refused or returned."""

    mandate_reference: ShortText
    """Reference of the mandate."""
    code: ShortText | None = None
    """Reason code of the bank (ISO 20022), such as `AM04`; null if the bank gave none."""
    on: Day
    """Date on which it failed."""
    count: int = 1
    """Number of direct debits with this mandate that failed, one after the other."""


class InvoiceCollection(Value):
    """The direct debit of an invoice."""

    mandate_reference: ShortText | None = None
    """Reference of the mandate that the document names; null if the customer's default payment method is used."""
    notice: DebitNotice | None = None
    """Last announcement; null if there is none."""
    failed: FailedDebit | None = None
    """Last direct debit that failed; null if none did."""

    def announced(self, notice: DebitNotice) -> Self:
        """The collection with another announcement."""
        return self.model_copy(update={"notice": notice})

    def without_mail(self, mail_id: str) -> Self:
        """The collection after the mail with its announcement reached nobody."""
        if self.notice is None or self.notice.mail_id != mail_id:
            return self
        return self.announced(self.notice.model_copy(update={"lost": True}))

    def after_failure(self, mandate_reference: str, code: str | None, on: date) -> Self:
        """The collection after a direct debit was refused or returned."""
        before = self.failed
        count = before.count + 1 if before and before.mandate_reference == mandate_reference else 1
        failed = FailedDebit(mandate_reference=mandate_reference, code=code, on=on, count=count)
        return self.model_copy(update={"failed": failed})


def covers(notice: DebitNotice, amount: Decimal, collected_on: date) -> bool:
    """Whether an announcement covers a debit: one of that amount or less, on that day or later."""
    return amount <= notice.amount and notice.collected_on <= collected_on


def known_since(notice: DebitNotice, sent_at: datetime | None) -> datetime | None:
    """When the customer got an announcement; None if the document with it was not sent yet, or its mail was lost."""
    return None if notice.lost else notice.announced_at or sent_at
