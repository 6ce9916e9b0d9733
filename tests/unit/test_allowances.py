"""Allowances and charges of documents and lines: in requests, responses, e-invoices, on pages and in credit notes."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from invoicing.core.einvoice import XmlFormat
from invoicing.core.errors import Invalid
from invoicing.documents.einvoice import render_xml
from invoicing.documents.letter import letter
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.explanation import explanation
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.orders.model import NewOrder
from invoicing.pricing.allowances import document_entries
from invoicing.pricing.totals import is_near
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import cancellation, credit_note
from tests.builders import NOON, line_json
from tests.einvoices import GERMAN_FORMATS, MOMENT, issued
from tests.unit.test_einvoice import Read, checked

S19, S7 = {"category": "S", "rate": "19"}, {"category": "S", "rate": "7"}
LINES = [
    line_json(
        quantity=10,
        unit_price="9.00",
        gross_price="10.00",
        price_discount="1.00",
        tax=S19,
        allowances=[{"percent": "10", "reason": "Mengenrabatt", "reason_code": "100"}],
        charges=[{"amount": "4.00", "reason": "Verpackung", "reason_code": "PC"}],
    ),
    line_json(quantity=1, unit_price="50.00", net="50.02", tax=S7),
]
AMOUNTS: dict[str, Any] = {
    "lines": LINES,
    "discount": {"percent": "2", "reason": "Treue"},
    "allowances": [{"amount": "5.00", "percent": "5", "base": "100.00", "reason": "Aktion", "tax": S19}],
    "charges": [
        {"percent": "1", "base": "200.00", "reason": "Versicherung", "reason_code": "FI", "tax": S7},
        {"amount": "3.00", "reason_code": "ABL"},
    ],
    "shipping": {"amount": "4.90", "tax": S19},
    "prepaid": {
        "amount": "20.00",
        "date": "2026-02-01",
        "references": [{"number": "AR-1", "issue_date": "2026-01-15"}],
    },
    "rounding": "0.02",
}
"""Every kind of allowance and charge, a gross price, a net of another system, a deposit and a rounding."""


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"base": "10.00"},
        {"amount": "1.00", "percent": "10"},
        {"amount": "1.03", "percent": "10", "base": "10.00"},
        {"amount": "-1.00"},
        {"amount": "1.00", "reason_code": "lower"},
    ],
)
@pytest.mark.parametrize("name", ["allowances", "charges"])
def test_an_entry_states_one_amount(name: str, entry: dict[str, str]) -> None:
    for fields in ({name: [entry]}, {"lines": [line_json(**{name: [entry]})]}):
        with pytest.raises(ValidationError):
            NewInvoice.model_validate_json(json.dumps(fields))


@pytest.mark.parametrize(
    "entry",
    [{"amount": "1.02", "percent": "10", "base": "10.00"}, {"amount": "11", "percent": "10", "base": "105"}],
    ids=["as far as Peppol allows", "a whole yen"],
)
def test_an_amount_may_be_rounded_from_its_percentage(entry: dict[str, str]) -> None:
    new = NewInvoice.model_validate_json(json.dumps({"allowances": [entry]}))
    assert new.allowances[0].amount == Decimal(entry["amount"])


@pytest.mark.parametrize(
    "fields",
    [
        {"discount": {"percent": "10"}, "allowances": [{"percent": "10"}]},
        {"discount": {"amount": "5.00"}, "allowances": [{"amount": "5.00", "reason_code": "95"}]},
        {"shipping": {"amount": "4.90"}, "charges": [{"amount": "4.90", "reason_code": "FC"}]},
    ],
)
def test_a_shorthand_beside_its_entry_is_refused(fields: dict[str, Any]) -> None:
    """A client that sends a response back would otherwise double the allowances."""
    requests: list[tuple[Any, dict[str, Any]]] = [(NewInvoice, fields)]
    requests.append((NewOrder, {**fields, "customer_id": "cus_01JD8X2V6PZ3QK7M5T9WRC4HBN", "lines": [line_json()]}))
    if "discount" in fields:
        requests.append((NewInvoice, {"lines": [line_json(**fields)]}))
    for model, body in requests:
        with pytest.raises(ValidationError, match="remove one"):
            model.model_validate_json(json.dumps(body))


@pytest.mark.parametrize(
    "fields",
    [
        {"discount": {"percent": "10"}, "allowances": [{"percent": "5"}, {"amount": "5.00"}]},
        {"discount": {"amount": "5.00"}, "allowances": [{"amount": "4.00"}, {"percent": "5"}]},
        {"discount": {"percent": "10"}, "allowances": [{"percent": "10", "reason": "Treue"}]},
        {"discount": {"percent": "10"}, "allowances": [{"percent": "10", "tax": S19}]},
        {"shipping": {"amount": "4.90"}, "charges": [{"amount": "5.90", "reason_code": "FC"}, {"amount": "4.90"}]},
        {"shipping": {"amount": "4.90"}, "charges": [{"amount": "4.90", "reason_code": "FC", "tax": S19}]},
    ],
)
def test_a_shorthand_beside_another_entry_is_accepted(fields: dict[str, Any]) -> None:
    new = NewInvoice.model_validate_json(json.dumps(fields))
    assert len(document_entries(new)) == 1 + len([*fields.get("allowances", ()), *fields.get("charges", ())])


@pytest.mark.parametrize("name", ["allowances", "charges"])
def test_documents_have_fifty_entries_of_a_kind_lines_twenty(name: str) -> None:
    def accepted(of_document: int, of_line: int) -> bool:
        entries = [{"amount": "1.00"}] * 51
        line = line_json(**{name: entries[:of_line]})
        try:
            NewInvoice.model_validate_json(json.dumps({name: entries[:of_document], "lines": [line]}))
        except ValidationError:
            return False
        return True

    assert accepted(50, 20)
    assert not accepted(51, 20)
    assert not accepted(50, 21)


@pytest.mark.parametrize(
    "line",
    [{"price_discount": "1.00"}, {"gross_price": "9.00"}, {"gross_price": "100.00", "price_discount": "9.99"}],
)
def test_gross_price_less_discount_is_the_price(line: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="gross_price"):
        NewInvoice.model_validate_json(json.dumps({"lines": [line_json(unit_price="90.00", **line)]}))


def test_every_amount_follows_from_the_entries() -> None:
    invoice = issued(**AMOUNTS)
    first, second = invoice.lines
    assert (first.net, second.net, second.net_given) == (Decimal("85.00"), Decimal("50.02"), True)
    # 2 % of 135.02 is 2.70, and 3.00 on both rates; 5.00 off and 4.90 on at 19 %, 2.00 on at 7 %.
    assert (invoice.subtotal, invoice.discount_amount, invoice.shipping_cost) == (
        Decimal("135.02"), Decimal("7.70"), Decimal("9.90"),
    )  # fmt: skip
    taxes = {f"{one.rate}": (f"{one.taxable}", f"{one.tax}") for one in invoice.tax_breakdown}
    assert taxes == {"19": ("85.09", "16.17"), "7": ("52.13", "3.65")}
    assert (f"{invoice.total}", f"{invoice.payable}") == ("157.04", "137.06")


def test_responses_list_shorthands_with_all_amounts() -> None:
    listed = issued(**AMOUNTS).listed
    (line, _) = listed.lines
    assert [(f"{one.amount}", f"{one.base}") for one in line.allowances] == [("9.00", "90.00")]
    found = [(one.reason, one.reason_code, f"{one.amount}") for one in (*listed.allowances, *listed.charges)]
    assert found == [
        ("Aktion", None, "5.00"),
        ("Treue", "95", "2.70"),
        ("Versicherung", "FI", "2.00"),
        (None, "ABL", "3.00"),
        (None, "FC", "4.90"),
    ]
    assert type(listed).model_validate_json(listed.model_dump_json()) == listed


@pytest.mark.parametrize("inclusive", [False, True])
def test_every_form_is_accepted_and_exact(*, inclusive: bool) -> None:
    lines = [{**line, "net": None} for line in LINES] if inclusive else LINES
    assert checked(issued(**AMOUNTS | {"price_tax_inclusive": inclusive, "lines": lines})) == len(GERMAN_FORMATS)


CII, UBL = "/*/*/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge", "/*/cac:AllowanceCharge"
LINE_CII = "(//ram:IncludedSupplyChainTradeLineItem)[1]"
LINE_UBL = "(//cac:InvoiceLine)[1]"


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_each_term_is_read_back(format_: XmlFormat) -> None:
    read = Read(render_xml(issued(**AMOUNTS), format_), format_)

    def entries(cii: str, ubl: str, *, charge: bool) -> list[list[str]]:
        on = "true" if charge else "false"
        found = read.parts(f"{cii}[ram:ChargeIndicator/udt:Indicator='{on}']", f"{ubl}[cbc:ChargeIndicator='{on}']")
        terms = (
            ("ram:ActualAmount", "cbc:Amount"), ("ram:BasisAmount", "cbc:BaseAmount"),
            ("ram:CalculationPercent", "cbc:MultiplierFactorNumeric"), ("ram:Reason", "cbc:AllowanceChargeReason"),
            ("ram:ReasonCode", "cbc:AllowanceChargeReasonCode"),
            ("ram:CategoryTradeTax/ram:RateApplicablePercent", "cac:TaxCategory/cbc:Percent"),
        )  # fmt: skip
        return [[read.text(*term, within=one) for term in terms] for one in found]

    # BT-92 to BT-98, BT-99 to BT-105.
    assert entries(CII, UBL, charge=False) == [
        ["5.00", "100.00", "5", "Aktion", "", "19"],
        ["1.70", "85.00", "2", "Treue", "95", "19"],
        ["1.00", "50.02", "2", "Treue", "95", "7"],
    ]
    assert entries(CII, UBL, charge=True) == [
        ["2.00", "200.00", "1", "Versicherung", "FI", "7"],
        ["1.89", "", "", "", "ABL", "19"],
        ["1.11", "", "", "", "ABL", "7"],
        ["4.90", "", "", "Versand", "FC", "19"],
    ]
    # BT-136 to BT-140, BT-141 to BT-145.
    of_line = (f"{LINE_CII}//ram:SpecifiedTradeAllowanceCharge", f"{LINE_UBL}/cac:AllowanceCharge")
    assert entries(*of_line, charge=False) == [["9.00", "90.00", "10", "Mengenrabatt", "100", ""]]
    assert entries(*of_line, charge=True) == [["4.00", "", "", "Verpackung", "PC", ""]]
    price, ubl_price = f"{LINE_CII}//ram:GrossPriceProductTradePrice", f"{LINE_UBL}/cac:Price/cac:AllowanceCharge"
    assert {
        "BT-147": read.text(f"{price}//ram:ActualAmount", f"{ubl_price}/cbc:Amount"),
        "BT-148": read.text(f"{price}/ram:ChargeAmount", f"{ubl_price}/cbc:BaseAmount"),
        "BT-113": f"{read.total('TotalPrepaidAmount', 'PrepaidAmount')}",
        "BT-114": f"{read.total('RoundingAmount', 'PayableRoundingAmount')}",
        "BT-115": f"{read.total('DuePayableAmount', 'PayableAmount')}",
        "BT-25": read.text(
            "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID", "//cac:InvoiceDocumentReference/cbc:ID"
        ),
        "BT-131": read.text(
            "(//ram:IncludedSupplyChainTradeLineItem)[2]//ram:LineTotalAmount",
            "(//cac:InvoiceLine)[2]/cbc:LineExtensionAmount",
        ),
    } == {
        "BT-147": "1", "BT-148": "10", "BT-113": "20.00", "BT-114": "0.02", "BT-115": "137.06", "BT-25": "AR-1",
        "BT-131": "50.02",
    }  # fmt: skip


def test_the_pages_list_allowances_and_charges() -> None:
    made = letter(issued(**AMOUNTS).as_issued.listed)
    space = "\u00a0"
    assert made["totals"][:6] == [
        ["Zwischensumme (netto)", f"135,02{space}€"],
        [f"Aktion 5{space}% von 100,00{space}€", f"-5,00{space}€"],
        [f"Rabatt 2{space}% (Treue)", f"-2,70{space}€"],
        [f"Versicherung 1{space}% von 200,00{space}€", f"2,00{space}€"],
        ["Zuschlag", f"3,00{space}€"],
        ["Versand", f"4,90{space}€"],
    ]
    notes = made["lines"][0]["notes"]
    assert notes == (
        f"Listenpreis 10,00 abzüglich 1,00 · Rabatt 10{space}% von 90,00{space}€ = 9,00{space}€ (Mengenrabatt)"
        f" · Zuschlag 4,00{space}€ (Verpackung)"
    )
    assert made["settlement"] == [
        ["Anzahlung vom 01.02.2026 (AR-1)", f"-20,00{space}€"],
        ["Rundung", f"0,02{space}€"],
        ["Offener Betrag", f"137,06{space}€"],
    ]


def test_every_amount_is_explained() -> None:
    invoice = issued(**AMOUNTS)
    steps = {one.number: one for one in explanation(invoice).numbers}
    assert len(steps) == len(explanation(invoice).numbers)
    formulas = {number: steps[number].formula for number in (
        "/lines/0/allowances/0/amount", "/lines/0/net", "/lines/1/net", "/discount/amount", "/charges/0/amount",
        "/tax_breakdown/0/charges/1", "/tax_breakdown/0/taxable", "/discount_amount", "/payable",
    )}  # fmt: skip
    assert formulas == {
        "/lines/0/allowances/0/amount": "90.00 × 10 %",
        "/lines/0/net": "90.00 − 9.00 + 4.00",
        "/lines/1/net": "50.00",
        "/discount/amount": "135.02 × 2 %",
        "/charges/0/amount": "200.00 × 1 %",
        "/tax_breakdown/0/charges/1": "3.00 × 85.00 ÷ 135.02",
        "/tax_breakdown/0/taxable": "85.00 − 5.00 − 1.70 + 0.00 + 1.89 + 4.90",
        "/discount_amount": "6.70 + 1.00",
        "/payable": "157.04 − 20.00",
    }
    assert steps["/lines/1/net"].rounding == "0.02"


def test_a_net_of_another_system_needs_prices_without_tax() -> None:
    with pytest.raises(Invalid) as refused:
        issued(lines=[line_json(net="100.00")], price_tax_inclusive=True)
    assert [one.pointer for one in refused.value.errors] == ["/lines/0/net"]


def test_peppol_accepts_a_net_within_two_cents() -> None:
    lines = [line_json(quantity=1, unit_price="100.00", net="100.03")]
    assert issued(lines=lines).lines[0].net == Decimal("100.03")
    peppol = {"einvoice_format": "peppol", "electronic_address": {"scheme": "9930", "id": "DE136695976"}}
    with pytest.raises(En16931RuleBroken) as refused:
        issued(buyer=peppol, lines=lines)
    assert [(one.code, one.pointer) for one in refused.value.errors] == [("PEPPOL-EN16931-R120", "/lines/0/net")]


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"allowances": [{"amount": "1.00", "reason_code": "FC"}]}, "BR-CL-19", "/allowances/0/reason_code"),
        ({"charges": [{"amount": "1.00", "reason_code": "95"}]}, "BR-CL-20", "/charges/0/reason_code"),
        (
            {"lines": [line_json(charges=[{"amount": "1.00", "reason_code": "95"}])]},
            "BR-CL-20",
            "/lines/0/charges/0/reason_code",
        ),
        ({"allowances": [{"amount": "1.00", "tax": {"category": "K"}}]}, "BR-IC-03", "/allowances/0/tax"),
        ({"charges": [{"amount": "1.00", "tax": {"category": "K"}}]}, "BR-IC-04", "/charges/0/tax"),
        (
            {"lines": [line_json(tax={"category": "O"})], "allowances": [{"amount": "1.00", "tax": S19}]},
            "BR-O-13",
            "/allowances/0/tax",
        ),
    ],
)
def test_drafts_refused_by_the_official_rules_are_not_issued(fields: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(En16931RuleBroken) as refused:
        issued(buyer={"einvoice_format": "zugferd", "tax_id": None}, **fields)
    assert (code, pointer) in {(one.code, one.pointer) for one in refused.value.errors}


def of(document: Invoice) -> list[tuple[str | None, str]]:
    return [(one.reason, f"{one.amount}") for one in (*document.allowances, *document.charges)]


def test_a_cancellation_lists_the_allowances_of_the_invoice() -> None:
    invoice = issued(**AMOUNTS)
    document = cancellation(invoice, (), "CAN-1", day=NOON.date(), moment=MOMENT).document
    assert (document.discount, document.shipping) == (None, None)
    assert of(document) == of(invoice.listed)
    assert (document.total, document.payable) == (invoice.total, invoice.total)
    assert [line.allowances for line in document.lines] == [line.allowances for line in invoice.lines]
    assert checked(document) == len(GERMAN_FORMATS)


def test_a_credit_of_one_line_takes_its_share() -> None:
    invoice = issued(**AMOUNTS)
    data = CreditData.model_validate({"lines": ({"line_id": invoice.lines[0].id},)}, strict=False)
    note, _, _ = credit_note(invoice, (), data, "CN-1", day=NOON.date(), moment=MOMENT)
    assert [(one.tax and f"{one.tax.rate}", f"{one.amount}") for one in note.allowances] == [("19", "6.70")]
    assert (note.charges, f"{note.subtotal}", f"{note.discount_amount}") == ((), "85.00", "6.70")
    assert checked(note) == len(GERMAN_FORMATS)


@pytest.mark.parametrize(
    ("fields", "net", "near"),
    [
        ({"quantity": "700", "unit_price": "1.19", "price_base_quantity": "100"}, "8.35", True),
        ({"quantity": "700", "unit_price": "1.19", "price_base_quantity": "100"}, "8.36", False),
        ({"quantity": "2", "unit_price": "50.00", "charges": [{"amount": "10.00"}]}, "110.00", True),
        ({"quantity": "2", "unit_price": "50.00", "charges": [{"amount": "10.00"}]}, "90.00", False),
        ({"quantity": "-2", "unit_price": "50.00", "charges": [{"amount": "10.00"}]}, "-110.00", True),
        ({"quantity": "0.5", "unit_price": "50.00", "charges": [{"amount": "10.00"}]}, "35.00", True),
        ({"quantity": "1", "unit_price": "0.00"}, "0.00", True),
    ],
)
def test_a_given_net_is_compared_with_all_parts(fields: dict[str, Any], net: str, *, near: bool) -> None:
    [line] = NewInvoice.model_validate_json(json.dumps({"lines": [line_json(**fields, net=net)]})).lines
    assert is_near(line, Decimal("0.02"), "EUR") is near


@pytest.mark.parametrize(("amount", "stated_zero"), [("0.00", True), ("1.00", False), ("-1.00", False)])
def test_only_zero_is_stated_as_zero(amount: str, *, stated_zero: bool) -> None:
    [entry] = document_entries(NewInvoice.model_validate_json('{"charges": [{"amount": "0.02"}]}'))
    assert entry._replace(amount=Decimal(amount)).is_stated_zero is stated_zero
    assert entry._replace(amount=None, percent=Decimal(amount)).is_stated_zero is stated_zero
