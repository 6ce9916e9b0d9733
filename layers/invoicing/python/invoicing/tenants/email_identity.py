"""E-mail identities: the addresses and domains that the operator lets a tenant send from.

All tenants of a deployment share one SES account, and SES lets the account send from each identity that it has
verified. So a tenant may use only those that the operator assigned to it.
"""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, Field

from invoicing.core.model import Value


def canonical(identity: str) -> str:
    """An address or a domain with its domain in lower case. SES distinguishes the case of the part before the `@`."""
    local, at, domain = identity.rpartition("@")
    return f"{local}{at}{domain.lower()}"


EmailIdentity = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r'^([^@\s\x00-\x1f<>,;:"*?]{1,64}@)?[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$',
        examples=["example.com"],
    ),
    AfterValidator(canonical),
]
"""One address, or a domain, which includes each of its addresses but not its subdomains."""

MAX_IDENTITIES = 50
DEFAULT_DAILY_LIMIT = 2_000


class OperatorSettings(Value):
    """The settings of a tenant that only the operator of the deployment can change."""

    email_identities: Annotated[
        tuple[EmailIdentity, ...],
        Field(max_length=MAX_IDENTITIES, description="Addresses and domains that `email_sender` may be chosen from."),
    ] = ()
    """E-mail addresses and domains that `email_sender` can be chosen from, at most 50."""
    email_daily_limit: Annotated[
        int, Field(ge=1, le=1_000_000, description="How many e-mails the tenant may send on one day (UTC).")
    ] = DEFAULT_DAILY_LIMIT
    """Maximum number of e-mails that the tenant can send in one day (UTC), from 1 to 1,000,000."""


def is_granted(sender: str, identities: Collection[str]) -> bool:
    """Whether an address is one of the identities, or belongs to a domain that is one."""
    address = canonical(sender)
    return address in identities or address.rpartition("@")[2] in identities
