"""Steps about document forms that several functions share. They load the model only if a form is chosen."""

from typing import TYPE_CHECKING

from invoicing.document_forms.errors import FormNotFound
from invoicing.document_forms.keys import form_key
from invoicing.store.reading import item_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoicing.customers.model import Customer
    from invoicing.document_forms.design import IssuedForm
    from invoicing.invoices.model import Invoice
    from invoicing.store.store import Store
    from invoicing.tenants.model import Tenant


def require_form(store: "Store", form_id: str | None, before: str | None = None) -> None:
    """Refuse a reference to a form that does not exist. The one `before` is not checked: it may have been deleted."""
    if form_id not in (None, before) and item_at(form_key(store.tenant_id, form_id)) is None:
        raise FormNotFound(pointer="/form_id")


def forms_for(draft: "Invoice", customer: "Customer | None", tenant: "Tenant") -> list[str]:
    """The ids of the forms that are chosen for a draft. It is issued with the first one that exists."""
    chosen = [draft.form_id, customer and customer.form_id, tenant.form_id]
    return list(dict.fromkeys(one for one in chosen if one))


def form_of(store: "Store", draft: "Invoice", customer: "Customer | None", tenant: "Tenant") -> "IssuedForm | None":
    """The form that a draft is issued with: its own, else its customer's, else the tenant's default.

    A deleted form counts as not chosen. Without a chosen form, nothing is read.
    """
    return form_among(store, forms_for(draft, customer, tenant), draft.language)


def form_among(store: "Store", wanted: "Sequence[str]", language: str) -> "IssuedForm | None":
    """The first of these forms that exists, in a language. Nothing is read without any."""
    if not wanted:
        return None
    from invoicing.document_forms.table import first_existing

    form = first_existing(store, wanted)
    return None if form is None else form.issued(language)
