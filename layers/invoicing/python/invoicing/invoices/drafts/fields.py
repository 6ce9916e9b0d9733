"""The fields of a draft that follow from the fields of the request."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from invoicing.catalogue.price_line import DocumentTerms
from invoicing.core.currency import from_minor
from invoicing.core.errors import DateNotAllowed, Invalid
from invoicing.core.identifiers import delivery_mistakes, payee_mistakes, require_identifiers
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.model import DraftData
from invoicing.invoices.drafts.references import require_parts
from invoicing.payments.model import require_means
from invoicing.pricing.line import NewLine
from invoicing.pricing.payable import payable_terms, split_tax_of
from invoicing.pricing.prices import priced
from invoicing.tenants.model import Tenant

SETTLEMENT = (
    "paid", "credited", "cash_discount_taken", "written_off", "due", "refund_due", "refunded", "canceled_amount",
    "cash_discount_granted",
)  # fmt: skip
"""The sums that are zero on a draft."""


def document_terms(data: DraftData, customer: Customer | None, tenant: Tenant) -> DocumentTerms:
    """Currency, language and price mode of a draft. The first two default to those of the customer, then the tenant."""
    return DocumentTerms(
        data.currency or (customer and customer.currency) or tenant.currency,
        data.language or (customer and customer.language) or tenant.language,
        data.price_tax_inclusive,
    )


def draft_fields(
    data: DraftData, lines: Iterable[NewLine], *, customer: Customer | None, tenant: Tenant, at: datetime
) -> dict[str, Any]:
    """Every field of a draft but its id and its history; amounts are computed."""
    if data.customer is not None and data.customer_id is not None:
        raise Invalid("Only one of customer_id and customer is allowed.", pointer="/customer")
    if customer is not None:
        customer.require_known()
    tenant.require_bank_account(data.bank_account_id)
    require_means(data.payment_method, data.payment_means_code)
    require_identifiers((*delivery_mistakes("/ship_to", data.ship_to), *payee_mistakes("/payee", data.payee)))
    if data.due_date and data.issue_date and data.due_date < data.issue_date:
        raise DateNotAllowed("The due date is before the issue date.", pointer="/due_date")
    currency, language, _ = document_terms(data, customer, tenant)
    if data.prepaid is not None:
        require_parts(data.prepaid, data.deposits, currency)
    buyer = customer or data.customer
    nothing: Decimal = from_minor(0, currency)
    amounts = priced(data, lines, currency=currency, at=at)
    asked = payable_terms(
        amounts["total"],
        data.model_copy(update={"deposits": ()}),
        tenant.cash_rounding,
        currency,
        split_tax=split_tax_of(amounts["tax_breakdown"], currency),
    )
    return {
        **vars(data),
        "currency": currency,
        "language": language,
        "customer_name": buyer.name if buyer else None,
        "owner_id": customer.owner_id if customer else None,
        **amounts,
        **asked,
        "rounding": data.rounding,
        # Their amounts are not known before the deposit invoices are read.
        "deposits": (),
        # The files are not known before their notes are read.
        "attachments": (),
        **dict.fromkeys(SETTLEMENT, nothing),
    }
