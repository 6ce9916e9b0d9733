"""Groups of refusals that several operations on documents declare."""

from invoicing.catalogue.errors import MixedPriceModes, PriceArchived, PriceNotFound, PriceNotInCurrency, TaxNotKnown
from invoicing.core.errors import AccessDenied, DateNotAllowed, DocumentTooLarge, SenderNotGranted
from invoicing.customers.errors import CustomerNotFound
from invoicing.invoices.errors import InvalidState, InvoiceNotFound, NoRecipient, ReferenceNotFound
from invoicing.issuing.errors import En16931RuleBroken, NotPrintable
from invoicing.numbering.errors import NumberTaken, SeriesBusy
from invoicing.pricing.errors import DiscountExceedsAmount, NegativeTotal
from invoicing.tenants.errors import BankAccountNotFound, SenderMissing

OF_A_DOCUMENT = (InvoiceNotFound, AccessDenied)
"""Errors of operations on a document."""
OF_ITS_STATE = (*OF_A_DOCUMENT, InvalidState)
"""Errors of operations that depend on the status of a document."""
OF_ITS_TOTAL = (CustomerNotFound, NegativeTotal, DiscountExceedsAmount, DocumentTooLarge)
"""Errors of operations that compute a document for a customer."""
OF_ITS_CONTENT = (*OF_ITS_TOTAL, BankAccountNotFound, DateNotAllowed)
"""Errors of operations that change the content of a draft."""
OF_ITS_PRICES = (ReferenceNotFound, PriceArchived, PriceNotInCurrency, MixedPriceModes, TaxNotKnown)
"""Errors of operations whose lines can name prices of the catalogue."""
OF_AGREED_PRICES = (PriceNotFound, *OF_ITS_PRICES)
"""Errors of operations that bill the prices of a subscription's items."""
OF_ITS_NUMBER = (DateNotAllowed, NumberTaken, SeriesBusy)
"""Errors of operations that issue a document."""
OF_ITS_ISSUE = (*OF_ITS_NUMBER, En16931RuleBroken, NotPrintable)
"""Errors of operations that issue a document whose content they did not check before."""
OF_ITS_MAIL = (NoRecipient, SenderMissing, SenderNotGranted)
"""Errors of operations that send a document by e-mail, now or later."""
