"""References that a client makes from a draft to other objects of its tenant."""

from collections.abc import Iterable, Iterator

from invoicing.core.errors import Violation
from invoicing.core.identity import Caller
from invoicing.document_forms.keys import form_key
from invoicing.invoices.drafts.references import DocumentReference, Prepaid
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
    others: dict[str, Key] = {}
    if order_id is not None and order_id not in known:
        others["/order_id"] = order_key(store.tenant_id, order_id)
    if form_id is not None and form_id not in known:
        others["/form_id"] = form_key(store.tenant_id, form_id)
    named = {"/references": references, "/prepaid/references": prepaid.references if prepaid else ()}
    documents = {
        f"{field}/{place}/invoice_id": invoice_key(store.tenant_id, one.invoice_id)
        for field, among in named.items()
        for place, one in enumerate(among)
        if one.invoice_id is not None and one.invoice_id not in known
    }
    found = items_at(sorted({*others.values(), *documents.values()}))
    visible = {key for key in documents.values() if key in found and _is_visible(found[key], store.session.caller)}
    wrong = [at for at, key in others.items() if key not in found]
    wrong += [at for at, key in documents.items() if key not in visible]
    if wrong:
        message = "There is no such object."
        raise ReferenceNotFound(errors=tuple(Violation(at, ReferenceNotFound.code, message) for at in wrong))


def _named_by(invoice: Invoice) -> Iterator[str | None]:
    yield from (invoice.order_id, invoice.form_id)
    yield from (one.invoice_id for one in invoice.references)
    yield from (one.invoice_id for one in (invoice.prepaid.references if invoice.prepaid else ()))


def _is_visible(item: Item, caller: Caller) -> bool:
    return not caller.limited or model_of(InvoiceSummary, item, shows=True).visible_to(caller)
