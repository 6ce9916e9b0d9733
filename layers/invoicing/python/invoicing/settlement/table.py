"""How the credited parts of invoices are stored."""

from invoicing.core.errors import ConcurrentModification
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import PartTable
from invoicing.settlement.credit import Credited
from invoicing.store.store import Store

_CREDIT = "CREDIT#"


class CreditedTable(PartTable[Credited]):
    """The document's partition, SK `CREDIT#<credit note>`."""

    kind = Credited
    prefix = _CREDIT
    ids = ("invoice_id", "credit_note_id")


def credited_of(store: Store, invoice: InvoiceSummary) -> tuple[Credited, ...]:
    """The parts of an invoice that credit notes and the cancellation credit. Without any, nothing is read.

    Refuses parts that are newer than the invoice (`CONCURRENT_MODIFICATION`): a refusal that is made of both would be
    one that no order of the requests explains.
    """
    of_tax_alone = invoice.split_tax is not None and invoice.credit_note_ids
    if not (invoice.credited or of_tax_alone) and invoice.cancellation_id is None:
        return ()
    found = store.all(Credited, invoice.id)
    rates = (rate for one in found if not one.void for rate in one.rates)
    if sum(rate.owed for rate in rates) != invoice.credited:
        raise ConcurrentModification
    return found
