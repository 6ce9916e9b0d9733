"""Texts of a subscription's invoices: placeholders are filled, then texts are cut to the length of their field."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from invoicing.core.identity import Caller, Moment
from invoicing.core.model import ENTERED
from invoicing.invoices.model import Invoice
from invoicing.subscriptions.billing.planning import next_invoices
from invoicing.subscriptions.model import Texts
from tests.builders import NOON, item_json
from tests.unit.test_subscription_schedule import BUYER, COMPANY, subscription

TODAY = date(2026, 3, 16)


def first_invoice(line: dict[str, Any] | None = None, **fields: Any) -> Invoice:
    """The invoice for 16 of the 31 days of March."""
    item = item_json("Wartung", "31.00")
    item["line"] |= line or {}
    found = subscription(TODAY, items=[item], anchor={"day": 1}, **fields)
    moment = Moment(Caller.system(COMPANY.id), NOON, "Europe/Berlin")
    [planned] = next_invoices(found, 1, None, customer=BUYER, tenant=COMPANY, moment=moment)
    assert planned.invoice
    return planned.invoice


@pytest.mark.parametrize("name", ["x" * 488 + "{period.end}", "x" * 460 + "{period.start} bis {period.end}", "x" * 500])
def test_a_long_name_keeps_its_share_whole(name: str) -> None:
    [line] = first_invoice({"name": name}).lines
    assert line.name.endswith(", 1 ×, 16 von 31 Tagen")
    assert len(line.name) == 500
    assert "{" not in line.name


def test_a_filled_name_has_its_share() -> None:
    [line] = first_invoice({"name": "Wartung {period.month}"}).lines
    assert line.name == "Wartung März, 1 ×, 16 von 31 Tagen"


def test_a_filled_description_is_cut_to_its_field() -> None:
    [line] = first_invoice({"quantity": "1234567.5", "description": "{quantity}" * 500}).lines
    assert line.description == ("1.234.567,5" * 500)[:5000]


@pytest.mark.parametrize("field", ["title", "introduction", "closing"])
def test_texts_of_invoices_name_no_quantity(field: str) -> None:
    with pytest.raises(ValidationError, match=r"\{quantity\} belongs to the name or description of an item"):
        Texts.model_validate({field: "Menge {quantity}"}, context=ENTERED)
    assert first_invoice(texts={field: "{quantity}"}).model_dump()[field] is None
