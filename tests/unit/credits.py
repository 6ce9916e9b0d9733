"""Invoices to credit, and credits to try on them."""

import json
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from invoicing.core.currency import exponent
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.party import Address, PaymentTerms
from invoicing.customers.model import Customer, CustomerData
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.drafts.references import Deposit
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.settlement.credit import CreditData
from tests import builders
from tests.builders import NOON

TENANT = builders.tenant()
ADDRESS = Address(line1="Ring 1", postal_code="1010", city="Wien", country="AT")
ITALIAN_COMPANY: dict[str, Any] = {
    "vat_id": "IT01598570354",
    "address": Address(line1="Via Roma 1", postal_code="42121", city="Reggio Emilia", country="IT"),
}
ITALIAN_TENANT = builders.tenant(**ITALIAN_COMPANY)
ITALIAN_BUYER: dict[str, Any] = {
    "address": Address(line1="Via Emilia 2", postal_code="41121", city="Modena", country="IT"),
    "tax_id": "IT02241850367",
}
BY = Caller.system(TENANT.id)
MOMENT = Moment(BY, NOON, "UTC")


def issued(invoice: dict[str, Any], *deposits: Deposit) -> Invoice:
    """An invoice from its JSON, issued at noon, that deducts these deposits. One with category B is Italian."""
    terms = PaymentTerms(days=14, discount_percent=Decimal(3), discount_days=7)
    new = NewInvoice.model_validate_json(json.dumps(invoice))
    italian = any(line.tax and line.tax.category == "B" for line in new.lines)
    parties: dict[str, Any] = ITALIAN_BUYER if italian else {"address": ADDRESS, "tax_id": "ATU12345675"}
    tenant = ITALIAN_TENANT if italian else TENANT
    customer = Customer.new(new_id("cus", NOON), CustomerData(name="Kundin", payment_terms=terms, **parties), MOMENT)
    draft = Invoice.draft(new_id("inv", NOON), new, customer=customer, tenant=tenant, moment=MOMENT)
    if deposits:
        draft = draft.deducting(deposits, tenant)
    day = NOON.date()
    return finalized(
        draft,
        "INV-1",
        Parties(tenant, customer),
        issue_date=day,
        due_date=day + timedelta(days=14),
        moment=Moment(BY, NOON, "UTC"),
    )


def asked(dice: random.Random, invoice: Invoice) -> CreditData:
    """A generated credit request for it, valid or not."""
    digits = exponent(invoice.currency)
    if dice.random() < 0.3:
        left = int((invoice.total - invoice.credited).scaleb(digits))
        return CreditData(amount=Decimal(dice.randint(1, max(1, left))).scaleb(-digits))
    parts = []
    for line in dice.sample(invoice.lines, dice.randint(1, min(3, len(invoice.lines)))):
        part: dict[str, Any] = {"line_id": line.id}
        kind = dice.randrange(3)
        if kind == 0 and line.quantity:
            part["quantity"] = abs(line.quantity) * Decimal(dice.choice(["0.25", "0.5", "1"]))
            part["quantity"] = part["quantity"].quantize(Decimal("1e-10")).normalize() + Decimal(0)
        elif kind == 1:
            whole = line.total if invoice.price_tax_inclusive else line.net
            most = int(abs(whole).scaleb(digits))
            part["amount"] = Decimal(dice.randint(1, max(1, most))).scaleb(-digits)
        parts.append(part)
    if invoice.shipping and dice.random() < 0.4:
        parts.append({"line_id": "shipping", "amount": Decimal(dice.randint(1, 300)).scaleb(-digits)})
    return CreditData.model_validate({"lines": tuple(parts)}, strict=False)
