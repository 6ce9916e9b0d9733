"""Amounts of other systems: net amounts within tolerances, in whole forints, and bases without a percentage."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from invoicing.core.einvoice import XmlFormat
from invoicing.core.errors import Invalid
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.settlement.credit_note import cancellation
from tests.builders import NOON, line_json
from tests.einvoices import MOMENT, issued
from tests.en16931 import places
from tests.unit.test_einvoice import Read
from tests.validators import findings, peppol_rules

S19 = {"category": "S", "rate": "19"}
R120, R042 = "PEPPOL-EN16931-R120", "PEPPOL-EN16931-R042"
HUF: dict[str, Any] = {"currency": "HUF", "tax_currency": "EUR", "exchange_rate": "0.0025"}


def found(document: Invoice, format_: XmlFormat) -> tuple[list[str], list[str]]:
    """The rules that a document breaks by our gate, and those of the official validators.

    Peppol's rule about net amounts is a warning in XRechnung, by which it is tested where Peppol's own is not at hand.
    """
    ours = [one.code for one in broken_rules(document, format_)]
    official = findings(render_xml(document, format_), format_)
    return ours, [one.rule for one in official if one.fatal or (format_ == "peppol" and one.rule == R120)]


def net_of(price: str, net: str, **fields: Any) -> Invoice:
    return issued(lines=[line_json(quantity=1, unit_price=price, net=net)], **fields)


@pytest.mark.parametrize("quantity", ["1", "-1"])
@pytest.mark.parametrize(
    ("price", "net", "fits"),
    [
        ("100.004", "100.02", True),
        ("100.004", "99.99", True),
        ("100.004", "99.98", False),
        ("100.015", "100.00", True),
        ("99.985", "100.01", False),
    ],
)
def test_a_net_in_peppol_is_near_to_the_unrounded_amount(quantity: str, price: str, net: str, *, fits: bool) -> None:
    line = line_json(quantity=quantity, unit_price=price, net=net if quantity == "1" else f"-{net}")
    document = issued(lines=[line_json(unit_price="1000.00"), line])
    ours, official = found(document, "peppol")
    assert ours == official == ([] if fits else [R120])
    assert found(document, "xrechnung_ubl") == found(document, "xrechnung_cii") == ([], [])


@pytest.mark.parametrize(("price", "net"), [("23439.76", "23440.00"), ("100.50", "100.00"), ("100.10", "100.05")])
def test_a_net_of_whole_forints_may_be_half_a_forint_away(price: str, net: str) -> None:
    document = net_of(price, net, **HUF)
    for format_ in ("zugferd", "xrechnung_ubl", "xrechnung_cii"):
        assert found(document, format_) == ([], [])
    ours, official = found(document, "peppol")
    assert ours == [R120]
    assert not peppol_rules() or official == [R120]


@pytest.mark.parametrize(
    ("price", "net", "fields"),
    [
        ("100.49", "101.00", HUF),
        ("100.30", "100.20", HUF),
        ("100.30", "100.00", {}),
        ("100.30", "100.00", {**HUF, "currency": "CZK"}),
    ],
    ids=["more than half a forint", "no whole forints", "euros", "another currency"],
)
def test_other_nets_are_within_five_hundredths(price: str, net: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"more than 0\.") as refused:
        net_of(price, net, **fields)
    assert [one.pointer for one in refused.value.errors] == ["/lines/0/net"]


def test_forints_can_be_rounded_to_whole_ones_at_the_end() -> None:
    lines = [line_json(quantity=1, unit_price="23439.76", net="23440.00", tax={"category": "S", "rate": "27"})]
    document = issued(lines=lines, rounding="0.20", **HUF)
    assert (f"{document.tax}", f"{document.total}", f"{document.payable}") == ("6328.80", "29768.80", "29769.00")
    assert found(document, "zugferd") == ([], [])


ALONE: dict[str, Any] = {"amount": "1.00", "base": "10.00", "reason": "Sondernachlass"}


@pytest.mark.parametrize("name", ["allowances", "charges"])
@pytest.mark.parametrize("on_line", [True, False])
def test_a_base_without_percentage_is_stated_where_allowed(name: str, *, on_line: bool) -> None:
    entry = ALONE if on_line else {**ALONE, "tax": S19}
    line = line_json(quantity=10, unit_price="9.00", tax=S19, **({name: [entry]} if on_line else {}))
    fields: dict[str, Any] = {} if on_line else {name: [entry]}
    document = issued(lines=[line], **fields)
    terms = {"allowances": ("BT-93", "BT-137"), "charges": ("BT-100", "BT-142")}[name]
    for one in (document, cancellation(document, [], "CAN-1", day=NOON.date(), moment=MOMENT).document):
        assert found(one, "zugferd") == ([], [])
        read = Read(render_xml(one, "zugferd"), "zugferd")
        assert read.texts(*places(terms[on_line])) == ["10.00"]
        for format_ in ("xrechnung_ubl", "xrechnung_cii", "peppol"):
            assert found(one, format_) == ([R042], [R042])
    pointer = f"/lines/0/{name}/0/percent" if on_line else f"/{name}/0/percent"
    assert [one.pointer for one in broken_rules(document, "peppol")] == [pointer]


def test_a_base_without_percentage_is_that_of_one_net() -> None:
    for name in ("allowances", "charges"):
        with pytest.raises(ValidationError, match="requires tax"):
            NewInvoice.model_validate_json(json.dumps({name: [ALONE]}))
    of_document: dict[str, Any] = {"allowances": [{**ALONE, "tax": S19}]}
    of_line: dict[str, Any] = {"lines": [line_json(charges=[ALONE])]}
    for fields in (of_document, of_line):
        with pytest.raises(Invalid, match="without a percentage") as refused:
            issued(price_tax_inclusive=True, **fields)
        [pointer] = [one.pointer for one in refused.value.errors]
        assert pointer in ("/allowances/0/base", "/lines/0/charges/0/base")


def test_names_of_articles_have_up_to_500_characters() -> None:
    document = issued(lines=[line_json(name="x" * 500)])
    assert found(document, "zugferd") == ([], [])
    assert Read(render_xml(document, "zugferd"), "zugferd").texts(*places("BT-153")) == ["x" * 500]
    assert ("BR-RO-L100", "/lines/0/name") in [(one.code, one.pointer) for one in broken_rules(document, "cius_ro")]
    with pytest.raises(ValidationError):
        NewInvoice.model_validate_json(json.dumps({"lines": [line_json(name="x" * 501)]}))
