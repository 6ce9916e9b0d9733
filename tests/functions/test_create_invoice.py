"""POST /invoices"""

from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json
from tests.gateway import Client


def test_a_draft_is_computed_and_has_no_number(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert (draft["status"], draft["number"]) == ("draft", None)
    assert (draft["subtotal"], draft["tax"], draft["total"], draft["due"]) == ("100.00", "19.00", "119.00", "0.00")
    assert draft["lines"][0]["id"].startswith("lin_")
    assert draft["tax_breakdown"] == [
        {"category": "S", "rate": "19", "taxable": "100.00", "tax": "19.00", "exemption_reason": None, "exemption_code": None}
    ]


def test_it_takes_two_round_trips(api: Client, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    aws.clear()
    api.post("/invoices", invoice_json(customer_id=customer["id"])).ok(201)
    assert aws.names == {"dynamodb:GetItem": 1, "dynamodb:BatchGetItem": 2, "dynamodb:TransactWriteItems": 1}
