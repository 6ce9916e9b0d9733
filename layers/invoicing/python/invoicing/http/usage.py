"""The gateway's usage keys: its limits per tenant hold for each of them. They neither identify nor authorize a caller.

Tenants share a fixed number of keys, so that a new tenant needs no change in the gateway and cannot be refused for want
of a key. A busy tenant uses up the limit of its key, and never that of the stage.
"""

import zlib

TENANT_KEYS = 32
_NOBODY = TENANT_KEYS
NUMBERS = range(TENANT_KEYS + 1)
"""The keys of tenants, and one for requests whose credentials are refused."""


def usage_key(stage: str, number: int) -> str:
    """The value of a key, unique in the account: 20 to 128 letters and digits, as API Gateway requires."""
    return f"invoicing{stage}usage{number:08}"


def usage_key_of(stage: str, tenant_id: str | None) -> str:
    """The key that a tenant's requests count towards; without a tenant that of refused credentials."""
    return usage_key(stage, _NOBODY if tenant_id is None else zlib.crc32(tenant_id.encode()) % TENANT_KEYS)
