"""References that a client makes from a draft to other objects of its tenant."""

from collections.abc import Iterable, Iterator

from invoicing.core.errors import Violation
from invoicing.core.identity import Caller
from invoicing.document_forms.keys import form_key
from invoicing.invoices.drafts.model import DocumentReference, Prepaid
from invoicing.invoices.errors import ReferenceNotFound
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.orders.table import order_key
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store


def require_references(
    store: Store,
    *,
    order_id: str | None = None,
    form_id: str | None = None,
    references: Iterable[DocumentReference] = (),
    prepaid: Prepaid | None = None,
    before: Invoice | None = None,
) -> None:
    """Refuse an order or form that the tenant does not have, or an earlier document that the caller may not see.

    References of the draft `before` are not checked again, because their documents may have been deleted since. Without
    new references, nothing is read.
    """
    known = {None, *(_named_by(before) if before else ())}
    wanted: dict[str, Key] = {}
    if order_id is not None and order_id not in known:
        wanted["/order_id"] = order_key(store.tenant_id, order_id)
    if form_id is not None and form_id not in known:
        wanted["/form_id"] = form_key(store.tenant_id, form_id)
    named = {"/references": references, "/prepaid/references": prepaid.references if prepaid else ()}
    for field, documents in named.items():
        for place, one in enumerate(documents):
            if one.invoice_id is not None and one.invoice_id not in known:
                wanted[f"{field}/{place}/invoice_id"] = invoice_key(store.tenant_id, one.invoice_id)
    found = items_at(sorted(set(wanted.values())))
    allowed = {key for key, item in found.items() if _may_refer_to(item, store.session.caller)}
    message = "There is no such object."
    wrong = [Violation(at, ReferenceNotFound.code, message) for at, key in wanted.items() if key not in allowed]
    if wrong:
        raise ReferenceNotFound(errors=tuple(wrong))


def _named_by(invoice: Invoice) -> Iterator[str | None]:
    yield from (invoice.order_id, invoice.form_id)
    yield from (one.invoice_id for one in invoice.references)
    yield from (one.invoice_id for one in (invoice.prepaid.references if invoice.prepaid else ()))


def _may_refer_to(item: Item, caller: Caller) -> bool:
    is_limited = caller.limited and item["entity"]["S"] == "invoice"
    return not is_limited or model_of(InvoiceSummary, item, shows=True).visible_to(caller)
