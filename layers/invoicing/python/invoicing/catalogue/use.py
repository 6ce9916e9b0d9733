"""How documents use prices of the catalogue. The code that fills lines in is loaded only if a line names a price."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from invoicing.catalogue.price_line import DocumentTerms, PriceLine
from invoicing.pricing.line import NewLine

if TYPE_CHECKING:
    from invoicing.store.store import Store
    from invoicing.tenants.model import Tenant


def filled_in[L: NewLine](
    store: "Store", tenant: "Tenant", lines: Sequence[L | PriceLine], terms: DocumentTerms, *, first: int = 0
) -> tuple[L, ...]:
    """The lines of a document, with those that name a price filled in. Without any, nothing is read.

    `first` is the place of the first line of the request, which pointers count from.
    """
    stated = tuple(line for line in lines if not isinstance(line, PriceLine))
    if len(stated) == len(lines):
        return stated
    from invoicing.catalogue.filling import filled_lines

    return filled_lines(store, tenant, lines, terms, first=first)
