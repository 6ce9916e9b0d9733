"""What a file in `functions/` says about itself: data that infrastructure, documents and tests derive from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from invoicing.aws.grants import Grant


class Layer(StrEnum):
    """A Lambda layer, by its folder, that a function needs beyond `dependencies` and `invoicing`, which all have."""

    ATTACHMENTS = "attachments"
    """What takes files and HTML from strangers."""
    DOCUMENTS = "documents"
    """What renders documents."""
    FACTURX = "facturx"
    """What puts e-invoices into PDFs."""
    TOKENS = "tokens"
    """What verifies tokens: the authorizer."""


def operation_of(handle: Callable[..., Any]) -> str:
    """The name of what a function does: that of its file."""
    return handle.__module__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What every kind of function declares. `memory` is in MB, `timeout` in seconds.

    `embedded`: what tests need of a stack on their own machine, and what is deployed nowhere else. `opt_in`: the
    setting of the stage without which it is not deployed.
    """

    grants: tuple[Grant, ...] = ()
    layers: tuple[Layer, ...] = ()
    memory: int = 1024
    timeout: int = 29
    embedded: bool = False
    opt_in: str | None = None
