"""What stands beside an invoice about its levels of dunning: the document of each, and why one was not reached."""

from typing import TYPE_CHECKING

from invoicing.dunning.document import DunningDocument
from invoicing.dunning.skip import skip_id
from invoicing.store import keys
from invoicing.store.reading import item_at
from invoicing.store.reads import Reads

if TYPE_CHECKING:
    from invoicing.dunning.step import Obstacle


def document_at(store: Reads, invoice_id: str, level: int) -> DunningDocument | None:
    """The reminder or dunning letter by which an invoice reached a level, if there is one."""
    row = item_at(keys.invoice(store.tenant_id, invoice_id).at(f"{keys.DUNNED}{level}")) if level else None
    return store.dunning_document(row["document_id"]["S"]) if row else None


def was_skipped(store: Reads, invoice_id: str, level: int, reason: "Obstacle") -> bool:
    """Whether it was recorded before that an invoice does not reach a level for this reason."""
    return item_at(keys.invoice(store.tenant_id, invoice_id).at(keys.SKIPPED + skip_id(level, reason))) is not None
