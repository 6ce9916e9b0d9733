"""Keys of document forms, for nouns that refer to a form without loading its model."""

from typing import Final

from invoicing.store import keys
from invoicing.store.keys import Key

FORM: Final = "FORM#"


def form_key(tenant: str, form_id: str = "") -> Key:
    """The key of a form; without an id, the beginning of all of them."""
    return keys.of(tenant, "FORMS", sort=FORM + form_id)
