"""Who sees whole IBANs: callers who may write files of payments. Everybody else sees their ends."""

from collections.abc import Iterable
from typing import Protocol, Self

from invoicing.core.identity import Caller
from invoicing.core.page import Page


class Masked(Protocol):
    """A resource with accounts that are masked, unless it is revealed."""

    def revealed(self) -> Self:
        """The resource with whole accounts."""


def shown_to[V: Masked](caller: Caller, thing: V) -> V:
    """A resource as a caller sees it."""
    return thing.revealed() if "collection:write" in caller.scopes else thing


def all_shown[V: Masked](things: Iterable[V], caller: Caller) -> tuple[V, ...]:
    """Resources as a caller sees them."""
    return tuple(shown_to(caller, one) for one in things)


def page_shown[V: Masked](page: Page[V], caller: Caller) -> Page[V]:
    """A page of resources as a caller sees it."""
    return page.model_copy(update={"data": all_shown(page.data, caller)})
