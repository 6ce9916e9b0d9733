"""Keys of records about e-mail addresses, which other nouns' tables need too."""

from invoicing.store import keys
from invoicing.store.keys import Key


def suppressed(tenant: str, address: str) -> Key:
    """The key of the record that mail does not reach an address, without case."""
    return keys.of(tenant, "SUPPRESSED", address.lower())
