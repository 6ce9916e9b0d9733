"""Each type of document (BT-3) of each kind in each format: refused by its rule, or issued and read back."""

import json
from typing import Any, Final, get_args

import pytest
from pydantic import ValidationError

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer, CustomerData
from invoicing.documents.einvoice import render_xml
from invoicing.invoices.drafts.adjustment import AdjustmentData, adjustment
from invoicing.invoices.lifecycle import StatedType
from invoicing.invoices.model import Invoice
from invoicing.issuing.errors import En16931RuleBroken
from invoicing.issuing.finalizing import Parties, finalized
from invoicing.issuing.gate import require_sound_credit
from invoicing.settlement.credit import CreditData
from invoicing.settlement.credit_note import cancellation, credit_note
from invoicing.settlement.deposits import deposit_of
from tests.builders import NOON, line_json
from tests.einvoices import BUYER, MOMENT, TENANT, issued
from tests.en16931 import places
from tests.national import (
    FRENCH_BUYER,
    FRENCH_LINE,
    FRENCH_NOTES,
    FRENCH_TENANT,
    ROMANIAN_BUYER,
    ROMANIAN_LINE,
    ROMANIAN_TENANT,
    french,
    romanian,
)
from tests.unit.test_einvoice import Read
from tests.unit.test_independent_reader import read
from tests.validators import findings

CODES: Final = (None, *get_args(StatedType))
OF_DEPOSITS: Final = {"386", "326", "875"}
KINDS: Final = ("standard", "deposit", "final", "credit", "cancellation", "alone")
PLURAL_REFERENCES: Final = {("facturx_fr", "final", "384"): "BR-FR-CO-04"}
"""A French correction names one invoice, so it deducts no deposits."""
DAY: Final = NOON.date()


def document_of(format_: XmlFormat, kind: str, code: str | None) -> Invoice:
    """A document of a kind that passed the gate of its format."""
    fields: dict[str, Any] = {"type_code": code, "references": [{"number": "INV-1", "issue_date": "2026-03-01"}]}
    if kind == "alone":
        return alone(format_, code)
    if kind == "deposit":
        return invoice(format_, purpose="deposit", **fields)
    if kind == "final":
        deposit = deposit_of(invoice(format_, purpose="deposit", references=fields["references"]), ())
        process = {"business_process": "M4"} if format_ == "facturx_fr" else {}
        return invoice(format_, quantity="9", deducts=(deposit,), **fields, **process)
    found = invoice(format_, **fields)
    if kind == "standard":
        return found
    data = CreditData.model_validate_json('{"amount": "10.00"}')
    note = (
        credit_note(found, (), data, "CN-1", day=DAY, moment=MOMENT)
        if kind == "credit"
        else cancellation(found, (), "CN-1", day=DAY, moment=MOMENT)
    )
    require_sound_credit(note.document)
    return note.document


def invoice(format_: XmlFormat, *, quantity: str = "1", **fields: Any) -> Invoice:
    """An issued invoice between companies of a country that uses the format."""
    rules = FORMATS[format_].rules
    if "france" in rules:
        return french(lines=[{**FRENCH_LINE, "quantity": quantity}], **fields)
    if "romania" in rules:
        return romanian(lines=[{**ROMANIAN_LINE, "quantity": quantity}], **fields)
    return issued(buyer=german_buyer(format_), lines=[{**line_json(), "quantity": quantity}], **fields)


def german_buyer(format_: XmlFormat) -> dict[str, Any]:
    address = {"scheme": "0088", "id": "4012345000009"}
    return {
        "electronic_address": address,
        "buyer_reference": "B-7",
        "einvoice_format": FORMATS[format_].setting or "xrechnung",
    }


def alone(format_: XmlFormat, code: str | None) -> Invoice:
    """A credit note without an invoice; its code can only be that of a self-billed one."""
    rules = FORMATS[format_].rules
    tenant, buyer, tax = TENANT, {**BUYER, **german_buyer(format_)}, line_json()["tax"]
    more: dict[str, Any] = {}
    if "france" in rules:
        tenant, buyer, tax = FRENCH_TENANT, {**BUYER, **FRENCH_BUYER}, FRENCH_LINE["tax"]
        more = {"business_process": "M1", "notes": FRENCH_NOTES}
    if "romania" in rules:
        tenant, buyer, tax = ROMANIAN_TENANT, {**BUYER, **ROMANIAN_BUYER}, ROMANIAN_LINE["tax"]
    customer = Customer.new(new_id("cus", NOON), CustomerData.model_validate_json(json.dumps(buyer)), MOMENT)
    asked = {"customer_id": customer.id, "amount": "-10.00", "description": "Nachlass", "tax": tax, "type_code": code}
    asked |= {"references": [{"number": "INV-1", "issue_date": "2026-03-01"}], "currency": tenant.currency}
    data = AdjustmentData.model_validate_json(json.dumps({**asked, **more}))
    draft = adjustment(new_id("inv", NOON), data, customer=customer, tenant=tenant, moment=MOMENT)
    return finalized(draft, "CN-1", Parties(tenant, customer), issue_date=DAY, moment=MOMENT)


def expected(format_: XmlFormat, kind: str, code: str | None) -> str:
    """The type in the XML, or the rule of the refusal."""
    row = FORMATS[format_]
    if code not in {"alone": {None, "261"}, "deposit": {None, *OF_DEPOSITS}}.get(kind, {*CODES} - {"386"}):
        return "type_code"
    if kind == "deposit" and code in (None, "386"):
        return next(one for one in ("386", "326", "380") if one in row.types)
    if kind == "alone":
        return _credited(format_, code)
    if code is not None and code not in row.types:
        return row.types_rule
    if kind in ("credit", "cancellation"):
        return _credited(format_, "261" if code == "389" else None)
    return PLURAL_REFERENCES.get((format_, kind, code or ""), code or "380")


def _credited(format_: XmlFormat, code: str | None) -> str:
    return "261" if code == "261" and "261" in FORMATS[format_].types else "381"


@pytest.mark.parametrize(
    "format_",
    [name if name == "xrechnung_ubl" else pytest.param(name, marks=pytest.mark.slow) for name in FORMATS],
)
def test_each_kind_of_each_type_is_refused_or_read_back(format_: XmlFormat) -> None:
    found, wanted = {}, {}
    for kind in KINDS:
        for code in (*CODES, "261") if kind == "alone" else CODES:
            wanted[kind, code] = expected(format_, kind, code)
            try:
                document = document_of(format_, kind, code)
            except ValidationError as refused:
                found[kind, code] = "type_code" if "type_code" in str(refused) else str(refused)
                continue
            except En16931RuleBroken as refused:
                found[kind, code] = " ".join(one.code for one in refused.errors)
                continue
            xml = render_xml(document.as_issued, format_)
            assert [one for one in findings(xml, format_) if one.fatal] == [], (kind, code)
            found[kind, code] = Read(xml, format_).text(*places("BT-3"))
            assert read(xml)["BT-3"] == {found[kind, code]}
    assert found == wanted
