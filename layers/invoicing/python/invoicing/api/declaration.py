"""What a file in `functions/` says about itself: data that infrastructure, documents and tests derive from."""

from dataclasses import dataclass
from enum import StrEnum

from invoicing.api.grants import Grant


class Layer(StrEnum):
    """A Lambda layer that a function needs beyond `dependencies` and `invoicing`, which all have."""

    ATTACHMENTS = "attachments"
    DOCUMENTS = "documents"
    FACTURX = "facturx"
    TOKENS = "tokens"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What every kind of function declares. `memory` is in MB, `timeout` in seconds.

    `embedded`: what tests need of a stack on their own machine, and what is deployed nowhere else. `opt_in`: the
    setting of the CDK context without which it is not deployed.
    """

    grants: tuple[Grant, ...] = ()
    layers: tuple[Layer, ...] = ()
    memory: int = 1024
    timeout: int = 29
    embedded: bool = False
    opt_in: str | None = None
