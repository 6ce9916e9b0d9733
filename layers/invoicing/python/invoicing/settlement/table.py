"""How payments are stored, and what credit notes take off an invoice."""

from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.settlement.credit import Credited
from invoicing.store.keys import Key
from invoicing.store.store import Store
from invoicing.store.table import Table

_CREDIT = "CREDIT#"


class CreditedTable(Table[Credited]):
    """The document's partition, SK `CREDIT#<credit note>`."""

    kind = Credited

    def key(self, tenant: str, *ids: str) -> Key:
        """The key, from the document's id and the credit note's."""
        invoice_id, credit_note_id = ids
        return invoice_key(tenant, invoice_id).at(_CREDIT + credit_note_id)

    def key_of(self, thing: Credited, tenant: str) -> Key:
        """The key of this part."""
        return self.key(tenant, thing.invoice_id, thing.credit_note_id)


def credited_of(store: Store, invoice: InvoiceSummary) -> tuple[Credited, ...]:
    """The parts that credit notes and the cancellation take off an invoice. Without any, nothing is read."""
    if not invoice.credited and invoice.cancellation_id is None:
        return ()
    return store.all(Credited, invoice.id)
