"""Deposits on drafts, and in the commits that issue, cancel and reactivate a final invoice."""

from collections.abc import Sequence
from typing import NamedTuple

from invoicing.core.errors import AccessDenied, Invalid, Violation
from invoicing.core.event import Change, Recorded
from invoicing.invoices.drafts.model import Deposit, DepositReference
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.settlement.deposits import deposit_of, refusal
from invoicing.settlement.errors import DepositNotDeductible
from invoicing.settlement.events import DepositDeductedBy, DepositReleased
from invoicing.settlement.table import credited_of
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
