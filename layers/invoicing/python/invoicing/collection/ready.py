"""Which invoices can be collected by direct debit on a day, with which mandate, and why the others cannot."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from invoicing.collection.model import PaymentMethod, comparable
from invoicing.collection.target_days import target_day_from, target_days_after
from invoicing.core.errors import DateNotAllowed
from invoicing.core.model import days_after
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.self_billing import is_self_billed
from invoicing.payments.direct_debit import DebitNotice, FailedDebit, covers, known_since
from invoicing.tenants.banking import CollectionSettings
from invoicing.tenants.model import Tenant

SkipReason = Literal[
    "not_open",
    "nothing_due",
    "not_eur",
    "other_payment_method",
    "debit_under_way",
    "no_active_mandate",
    "not_due",
    "returned",
    "not_announced",
    "nothing_to_refund",
    "refund_under_way",
    "no_known_account",
]
"""Reason why an invoice is not collected: it is `not_open`; `nothing_due` from the customer; `not_eur`, because SEPA
files are in euros; it has an `other_payment_method`; a `debit_under_way`; `no_active_mandate`; it is `not_due` on the
day; an earlier debit was `returned`; or the debit is `not_announced` in time. Or why a document is not refunded: it has
`nothing_to_refund`; it is `not_eur`; a `refund_under_way`; or `no_known_account` of the customer. New reasons will be
added."""

FARTHEST: Final = 14
"""How many days ahead the transactions of a file can be."""
RETRIED: Final = frozenset({"AM04", "MS02", "MS03"})
"""The reasons of returns after which a debit can succeed: lack of funds, or none that the bank gives."""
RETRIED_AFTER: Final = 5
"""The TARGET days between a return and another debit."""


class Candidate(NamedTuple):
    """An invoice that may be collected, with the payment methods of its customer."""

    invoice: InvoiceSummary
    methods: Sequence[PaymentMethod]
    has_debit: bool
    """Whether a debit of the invoice is under way."""


class Collectable(NamedTuple):
    """The payment method that an invoice is collected with, or the reason why it is not collected."""

    method: PaymentMethod | None
    reason: SkipReason | None


def collectable(candidate: Candidate, tenant: Tenant, collected_on: date) -> Collectable:
    """Whether an invoice can be collected on a day, and with which payment method."""
    method = method_for(candidate.invoice, candidate.methods, collected_on)
    reason = _obstacle(candidate, method, tenant, collected_on)
    return Collectable(None if reason else method, reason)


def method_for(invoice: InvoiceSummary, methods: Iterable[PaymentMethod], day: date) -> PaymentMethod | None:
    """The payment method of the mandate that a document names; else the customer's default one, or its only one."""
    usable = [one for one in methods if one.can_be_debited(day)]
    named = invoice.collection and invoice.collection.mandate_reference
    if named:
        return next((one for one in usable if one.mandate_reference == comparable(named)), None)
    default = next((one for one in usable if one.default), None)
    return default or (usable[0] if len(usable) == 1 else None)


def collection_day(wanted: date | None, settings: CollectionSettings, local: datetime) -> date:
    """The day of direct debits in a file that is made now: the TARGET day from the wanted one on, else the earliest.

    `local` is the present time in the tenant's time zone.
    """
    return _day(wanted, earliest_day(settings, local), local.date())


def transfer_day(wanted: date | None, today: date) -> date:
    """The day of credit transfers in a file that is made today: the TARGET day from the wanted one on, else today."""
    return _day(wanted, target_day_from(today), today)


def _day(wanted: date | None, earliest: date, today: date) -> date:
    day = earliest if wanted is None else target_day_from(wanted)
    if day < earliest or (wanted is not None and wanted < today):
        raise DateNotAllowed(f"The earliest day is {earliest}.", pointer="/due_on")
    if wanted is not None and day > days_after(today, FARTHEST):
        raise DateNotAllowed(f"The day is at most {FARTHEST} days ahead.", pointer="/due_on")
    return day


def earliest_day(settings: CollectionSettings, local: datetime) -> date:
    """The earliest day of a direct debit: the TARGET day after the one on which the bank gets the file."""
    late = settings.cutoff is not None and f"{local:%H:%M}" >= settings.cutoff
    today = local.date()
    received = target_day_from(today)
    # At weekends, the bank processes the file on the next TARGET day, before the cutoff.
    return target_days_after(received, 2 if late and received == today else 1)


def is_announced(invoice: InvoiceSummary, method: PaymentMethod, tenant: Tenant, collected_on: date) -> bool:
    """Whether the customer was informed early enough of a debit: its mandate, creditor id, amount and day."""
    notice = invoice.collection and invoice.collection.notice
    if not notice or not names(notice, method, tenant) or not covers(notice, invoice.due, collected_on):
        return False
    known = known_since(notice, invoice.sent_at)
    if known is None:
        return False
    announced_on = known.astimezone(ZoneInfo(tenant.time_zone)).date()
    return (collected_on - announced_on).days >= tenant.collection.prenotification_days


def names(notice: DebitNotice, method: PaymentMethod, tenant: Tenant) -> bool:
    """Whether an announcement names this mandate and the tenant's creditor identifier."""
    same = comparable(notice.mandate_reference) == method.mandate_reference
    return same and notice.creditor_id == tenant.creditor_id


def _obstacle(
    candidate: Candidate, method: PaymentMethod | None, tenant: Tenant, collected_on: date
) -> SkipReason | None:
    invoice, has_debit = candidate.invoice, candidate.has_debit
    if invoice.type != "invoice" or invoice.status is not Status.OPEN:
        return "not_open"
    if invoice.due <= 0 or is_self_billed(invoice):
        return "nothing_due"
    if invoice.currency != "EUR":
        return "not_eur"
    if invoice.payment_method != "sepa_direct_debit":
        return "other_payment_method"
    if has_debit:
        return "debit_under_way"
    if method is None:
        return "no_active_mandate"
    if invoice.due_date is None or invoice.due_date > collected_on:
        return "not_due"
    failed = invoice.collection and invoice.collection.failed
    if failed and not _can_be_repeated(failed, method, tenant.collection, collected_on):
        return "returned"
    return None if is_announced(invoice, method, tenant, collected_on) else "not_announced"


def _can_be_repeated(
    failed: FailedDebit, method: PaymentMethod, settings: CollectionSettings, collected_on: date
) -> bool:
    """Whether a debit can follow one that failed: with another mandate, or once for some reasons if settings allow."""
    if comparable(failed.mandate_reference) != method.mandate_reference:
        return True
    if not settings.retry_returned or failed.code not in RETRIED or failed.count > 1:
        return False
    return collected_on >= target_days_after(failed.on, RETRIED_AFTER)
