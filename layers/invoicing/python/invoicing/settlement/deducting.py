"""Deposits on drafts, and in the commits that issue, cancel and reactivate a final invoice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from invoicing.core.currency import from_minor
from invoicing.core.errors import AccessDenied, Invalid, Violation
from invoicing.core.event import Change, Recorded
from invoicing.invoices.drafts.references import Deposit, DepositReference
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.payments.table import refund_under_way
from invoicing.settlement.deposits import deposit_of, refundable, refusal
from invoicing.settlement.errors import DepositNotDeductible, DepositNotPaid
from invoicing.settlement.events import DepositDeductedBy, DepositReleased
from invoicing.settlement.table import credited_of
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


class Deducting(NamedTuple):
    """A final invoice with its deposits as they are now, and the deposit invoices."""

    final: Invoice
    deposits: tuple[Invoice, ...]


def deducting(store: Store, draft: Invoice, wanted: Sequence[DepositReference], tenant: Tenant) -> Deducting:
    """A draft that deducts these deposits, with their amounts after credits."""
    ids = [one.invoice_id for one in wanted]
    if draft.purpose == "deposit" and ids:
        raise Invalid("A deposit invoice cannot deduct deposits.", pointer="/deposits")
    if len(set(ids)) < len(ids):
        raise Invalid("A deposit can be deducted only once.", pointer="/deposits")
    found, entries = _deductible(store, draft, ids)
    return Deducting(draft.deducting(tuple(entries), tenant), tuple(found))


def deducted_by(final: Invoice, deposits: Sequence[Invoice], store: Store) -> list[Change]:
    """The deposit invoices with the invoice that deducts them, for the commit that issues or reactivates it."""
    event = DepositDeductedBy(final_invoice_id=final.id, number=final.number or "")
    return [Recorded(_claimed(one, final.id, store), event) for one in deposits]


def released(store: Store, final: Invoice) -> list[Change]:
    """The deposit invoices that another invoice can deduct, for the commit that cancels their final invoice."""
    heads = (store.get(InvoiceSummary, one.invoice_id) for one in final.deposits)
    event = DepositReleased(final_invoice_id=final.id)
    return [Recorded(_claimed(one, None, store), event) for one in heads if one.final_invoice_id == final.id]


def deducted_again(store: Store, final: Invoice) -> list[Change]:
    """The deposit invoices of a canceled invoice that is reactivated; refuses where one has changed since."""
    if final.deposits_released is None:
        return []
    found, entries = _deductible(store, final, [one.invoice_id for one in final.deposits])
    changed = [place for place, (was, now) in enumerate(zip(final.deposits, entries, strict=True))
               if was.tax_breakdown != now.tax_breakdown]  # fmt: skip
    if changed:
        _refuse([(place, "The deposit invoice was credited since.") for place in changed])
    return deducted_by(final, found, store)


def refundable_of(store: Store, invoice: InvoiceSummary) -> Decimal:
    """The part of `refund_due` that may leave an invoice: its deposits are read if it can have some."""
    nothing = from_minor(0, invoice.currency)
    if not invoice.prepaid_amount or invoice.deposits_released is not None:
        return invoice.refund_due
    keys = [invoice_key(store.tenant_id, one.invoice_id) for one in store.get(Invoice, invoice.id).deposits]
    heads = [store.take(InvoiceSummary, item) for item in items_at(keys).values()]
    unpaid = sum((one.due + one.written_off for one in heads if one.final_invoice_id == invoice.id), nothing)
    return refundable(invoice, unpaid)


def spendable_of(store: Store, invoice: InvoiceSummary) -> Decimal:
    """The part of `refund_due` that can pay other documents: nothing while a credit transfer refunds it."""
    left = refundable_of(store, invoice)
    return from_minor(0, invoice.currency) if left > 0 and refund_under_way(store, invoice.id) else left


def require_paid(store: Store, invoice: InvoiceSummary, amount: Decimal) -> None:
    """Refuse a refund of deposits that nobody has paid (`DEPOSIT_NOT_PAID`)."""
    most = refundable_of(store, invoice)
    if amount > most:
        raise DepositNotPaid(
            f"Only {most} was paid and can be refunded. Apply the rest to the unpaid deposit invoice: "
            f"record a payment on it with the method credit and the source_id {invoice.id}.",
            pointer="/amount",
        )


def _deductible(store: Store, final: Invoice, ids: Sequence[str]) -> tuple[list[Invoice], list[Deposit]]:
    """The deposit invoices with these ids and their amounts; refuses with a pointer to each that is none."""
    found, wrong = [], []
    for place, id_ in enumerate(ids):
        try:
            deposit = store.get(Invoice, id_)
        except (InvoiceNotFound, AccessDenied):
            wrong.append((place, "There is no such invoice."))
            continue
        reason = refusal(deposit, final)
        if reason is None:
            found.append(deposit)
        else:
            wrong.append((place, reason))
    if wrong:
        _refuse(wrong)
    return found, [deposit_of(one, credited_of(store, one)) for one in found]


def _refuse(wrong: Sequence[tuple[int, str]]) -> None:
    errors = tuple(
        Violation(f"/deposits/{place}/invoice_id", DepositNotDeductible.code, message) for place, message in wrong
    )
    raise DepositNotDeductible(errors[0].message, errors=errors)


def _claimed[I: InvoiceSummary](deposit: I, final_invoice_id: str | None, store: Store) -> I:
    return deposit.model_copy(update={"final_invoice_id": final_invoice_id, **store.session.moment.updated})
