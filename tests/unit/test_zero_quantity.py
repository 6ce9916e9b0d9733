"""A line with a quantity of zero (BT-129): a free article, or a meter without consumption."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.core.errors import Invalid
from invoicing.core.model import LANGUAGES
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.pricing.errors import DiscountExceedsAmount
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.errors import CreditExceedsInvoice
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read, checked
from tests.unit.test_pdf import INVOICE, LINE, letter_of

NOTHING = line_json(name="Strom", quantity="0", unit="KWH", unit_price="0.3129")
CHARGED = {**NOTHING, "charges": [{"amount": "4.90", "reason": "Grundgebühr"}]}


def sold(*lines: dict[str, Any], **fields: Any) -> Invoice:
    return issued(lines=list(lines), **fields)


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("lines", [[NOTHING], [line_json(), NOTHING], [CHARGED, NOTHING], [CHARGED]])
def test_official_validators_accept_it_with_exact_sums(lines: list[dict[str, Any]], *, inclusive: bool) -> None:
    document = sold(*lines, price_tax_inclusive=inclusive, discount=None)
    assert checked(document) == len(GERMAN_FORMATS)
    for format_ in GERMAN_FORMATS:
        assert "0" in Read(render_xml(document, format_), format_).texts(*places("BT-129"))
    canceled = cancellation(document, [], "CAN-1", day=NOON.date(), moment=MOMENT).document
    assert [(one.quantity, one.net) for one in canceled.lines] == [(one.quantity, one.net) for one in document.lines]
    assert canceled.total == document.total
    assert checked(canceled) == len(GERMAN_FORMATS)


def test_an_invoice_of_nothing_is_paid_at_once() -> None:
    document = sold(NOTHING)
    assert (document.total, document.due, document.status) == (Decimal("0.00"), Decimal("0.00"), Status.PAID)
    spread = sold(line_json(), NOTHING, shipping={"amount": "5.01"}, allowances=[{"percent": "3", "reason": "Treue"}])
    assert (spread.lines[1].net, spread.lines[1].tax_amount) == (Decimal("0.00"), Decimal("0.00"))
    assert checked(spread) == len(GERMAN_FORMATS)


def test_nothing_is_taken_off_or_credited_of_nothing() -> None:
    with pytest.raises(DiscountExceedsAmount):
        sold({**NOTHING, "discount": {"amount": "1.00"}})
    with pytest.raises(Invalid):
        sold({**NOTHING, "net": "1.00"})
    invoice = sold(line_json(), NOTHING)
    of_nothing = CreditData.model_validate({"lines": ({"line_id": invoice.lines[1].id, "quantity": Decimal(1)},)})
    with pytest.raises(CreditExceedsInvoice):
        credit_note(invoice, [], of_nothing, "CN-1", day=NOON.date(), moment=MOMENT)
    whole = credit_note(invoice, [], CreditData(), "CN-1", day=NOON.date(), moment=MOMENT).document
    assert [one.quantity for one in whole.lines] == [one.quantity for one in invoice.lines]
    assert checked(whole) == len(GERMAN_FORMATS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_printed_with_its_quantity_and_price(language: str) -> None:
    line = {**LINE, "quantity": "0", "unit_price": "3.00", "net": "0.00", "tax_amount": "0.00", "total": "0.00"}
    [row] = letter_of({**INVOICE, "language": language, "lines": [line]})["lines"]
    assert row["quantity"] == "0"
    assert row["price"] in ("3.00", "3,00")
    assert row["amount"] in ("0.00", "0,00")
