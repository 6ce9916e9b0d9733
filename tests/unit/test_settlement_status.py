"""The status and the amounts of a document that follow from its sums: an invoice over 119.00."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.invoices.lifecycle import Status
from invoicing.settlement.balance import balanced, share_of_cash_discount
from tests.builders import line_json
from tests.unit.credits import issued

INVOICE = issued({"currency": "EUR", "lines": [line_json()]})
CANCELED = {"status": Status.CANCELED, "canceled_amount": "119.00", "credited": "119.00"}
WRITTEN_OFF = {"status": Status.CLOSED, "close_reason": "uncollectible"}
NOTE = {"type": "credit_note", "credited": "119.00"}
DEBT = {"prepaid_amount": "-50.00"}
MONEY = {
    "paid", "credited", "refunded", "canceled_amount", "cash_discount_taken", "cash_discount_granted", "prepaid_amount",
    "prepaid_refunded", "deposits_released", "rounding",
}  # fmt: skip


def values(sums: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if name in MONEY else value for name, value in sums.items()}


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ({}, "open unpaid due 119.00"),
        ({"paid": "0.01"}, "open partially_paid due 118.99"),
        ({"paid": "119.00"}, "paid paid"),
        ({"paid": "119.01"}, "paid paid refund_due 0.01"),
        ({"paid": "115.43", "cash_discount_taken": "3.57"}, "paid paid"),
        ({"credited": "118.99"}, "open unpaid due 0.01"),
        ({"credited": "119.00"}, "closed unpaid credited"),
        ({"credited": "119.00", "paid": "10.00"}, "paid paid refund_due 10.00"),
        ({"credited": "119.00", "refunded": "10.00"}, "paid refunded"),
        ({"credited": "119.00", "refunded": "0.01"}, "paid refunded"),
        ({"credited": "19.00", "paid": "100.00", "refunded": "5.00"}, "paid paid"),
        ({"credited": "119.00", "prepaid_amount": "19.00"}, "paid unpaid refund_due 19.00"),
        ({"credited": "119.00", "prepaid_amount": "19.00", "refunded": "19.00", "prepaid_refunded": "19.00"},
         "paid refunded"),
        ({"credited": "119.00", "prepaid_amount": "19.00", "refunded": "9.00", "prepaid_refunded": "9.00"},
         "paid unpaid refund_due 10.00"),
        ({"prepaid_amount": "119.00"}, "paid paid"),
        ({"prepaid_amount": "118.99"}, "open unpaid due 0.01"),
        ({"credited": "119.00", **DEBT}, "closed unpaid credited"),
        ({"credited": "118.99", **DEBT}, "open unpaid due 50.01"),
        ({"rounding": "0.02"}, "open unpaid due 119.02"),
        ({"credited": "119.00", "rounding": "0.02"}, "closed unpaid credited"),
        ({**WRITTEN_OFF}, "closed unpaid uncollectible written_off 119.00"),
        ({**WRITTEN_OFF, "paid": "19.00"}, "closed partially_paid uncollectible written_off 100.00"),
        ({**WRITTEN_OFF, "paid": "119.00"}, "paid paid"),
        ({"status": Status.CLOSED, "close_reason": "credited", "credited": "19.00"}, "open unpaid due 100.00"),
        ({**CANCELED}, "canceled unpaid"),
        ({**CANCELED, "paid": "50.00"}, "canceled partially_paid refund_due 50.00"),
        ({**CANCELED, "paid": "119.00"}, "canceled paid refund_due 119.00"),
        ({**CANCELED, "paid": "19.00", "refunded": "100.00"}, "canceled paid refund_due 19.00"),
        ({**CANCELED, "paid": "18.99", "refunded": "100.00"}, "canceled partially_paid refund_due 18.99"),
        ({**CANCELED, "refunded": "119.00"}, "canceled refunded"),
        ({**CANCELED, "prepaid_amount": "69.00", "prepaid_refunded": "19.00", "deposits_released": "50.00",
          "refunded": "19.00"}, "canceled refunded"),
        ({**CANCELED, "paid": "115.43", "cash_discount_granted": "3.57"}, "canceled paid refund_due 115.43"),
        ({**CANCELED, "canceled_amount": "59.00", "paid": "59.00"}, "canceled paid refund_due 59.00"),
        ({**CANCELED, "canceled_amount": "59.00", "paid": "58.99"}, "canceled partially_paid refund_due 58.99"),
        ({**NOTE}, "paid paid"),
        ({**NOTE, "paid": "119.00"}, "open unpaid refund_due 119.00"),
        ({**NOTE, "paid": "100.00", "refunded": "19.00"}, "open partially_paid refund_due 100.00"),
        ({**NOTE, "refunded": "119.00"}, "paid refunded"),
    ],
)  # fmt: skip
def test_sums_decide_the_status(sums: dict[str, Any], expected: str) -> None:
    found = balanced(INVOICE, **values(sums))
    shown = [str(found.status), found.payment_status]
    shown += [found.close_reason] if found.close_reason else []
    for name in ("written_off", "due", "refund_due"):
        if getattr(found, name):
            shown += [name, str(getattr(found, name))]
    assert " ".join(shown) == expected
    assert (found.closed_at == found.updated_at) is (found.close_reason == "credited")


@pytest.mark.parametrize(
    ("sums", "credited", "lapses"),
    [
        ({"cash_discount_taken": "3.57"}, "59.50", "1.78"),
        ({"cash_discount_taken": "3.57"}, "0.01", "0.00"),
        ({"cash_discount_taken": "3.57"}, "119.00", "3.57"),
        ({"cash_discount_taken": "3.57", "credited": "59.50"}, "29.75", "1.78"),
        ({"cash_discount_taken": "3.57", "credited": "118.99"}, "0.01", "3.57"),
        ({"cash_discount_taken": "3.57", "credited": "119.00"}, "0.00", "3.57"),
        ({"cash_discount_taken": "0.00"}, "59.50", "0.00"),
        ({"cash_discount_taken": "1.00", "prepaid_amount": "69.00", "credited": "49.98"}, "0.05", "1.00"),
        ({"cash_discount_taken": "5.07", **DEBT}, "59.50", "1.78"),
        ({"cash_discount_taken": "5.07", **DEBT}, "119.00", "5.07"),
    ],
)
def test_cash_discount_lapses_with_its_part(sums: dict[str, Any], credited: str, lapses: str) -> None:
    invoice = INVOICE.model_copy(update=values(sums))
    assert str(share_of_cash_discount(invoice, Decimal(credited))) == lapses
