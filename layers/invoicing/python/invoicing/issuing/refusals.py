"""Groups of refusals that several operations on documents declare."""

from invoicing.core.errors import AccessDenied, DateNotAllowed, DocumentTooLarge
from invoicing.customers.errors import CustomerNotFound
from invoicing.invoices.errors import InvalidState, InvoiceNotFound
from invoicing.numbering.errors import NumberTaken, SeriesBusy
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.tenants.errors import BankAccountNotFound

OF_A_DOCUMENT = (InvoiceNotFound, AccessDenied)
"""Of an operation that names a document."""
OF_ITS_STATE = (*OF_A_DOCUMENT, InvalidState)
"""Of an operation that the state of a document allows or not."""
OF_ITS_CONTENT = (
    CustomerNotFound, BankAccountNotFound, NegativeTotal, DiscountExceedsAmount, DateNotAllowed, DocumentTooLarge,
)  # fmt: skip
"""Of an operation that changes the content of a draft."""
OF_ITS_NUMBER = (DateNotAllowed, NumberTaken, SeriesBusy)
"""Of an operation that issues a document."""
