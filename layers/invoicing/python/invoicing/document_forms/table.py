"""How document forms are stored."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType

from invoicing.document_forms.errors import FormNameTaken, FormNotFound
from invoicing.document_forms.keys import FORM, form_key
from invoicing.document_forms.model import DocumentForm
from invoicing.store.keys import Key
from invoicing.store.listing import KeyRange, beginning_with
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.store.table import Table


class DocumentFormTable(Table[DocumentForm]):
    """`T#<tenant>#FORMS`, SK `FORM#<form>`."""

    kind = DocumentForm
    missing = FormNotFound
    unique = MappingProxyType({"name": partial(FormNameTaken, pointer="/name")})

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a form."""
        return form_key(tenant, "".join(ids))


def forms_of(tenant: str) -> KeyRange:
    """The document forms of a tenant."""
    return beginning_with(form_key(tenant), FORM)


def first_existing(store: Store, ids: Sequence[str]) -> DocumentForm | None:
    """The first of these forms that was not deleted, in one read."""
    wanted = [form_key(store.tenant_id, id_) for id_ in ids]
    found = items_at(wanted)
    return next((store.take(DocumentForm, found[key]) for key in wanted if key in found), None)
