"""Deposit invoices are deducted by one final invoice, also under races (§ 14 (5) UStG)."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.ids import new_id
from tests.builders import NOON, customer_json, invoice_json, line_json
from tests.gateway import Client
from tests.races import meanwhile

Read = Callable[[str], dict[str, Any]]
REDUCED = {"category": "S", "rate": "7"}


@pytest.fixture
def customer(api: Client) -> str:
    """A customer who pays deposits."""
    return str(api.post("/customers", customer_json()).ok(201)["id"])


def deposit(api: Client, customer: str, **fields: Any) -> dict[str, Any]:
    """An issued deposit invoice over 119.00."""
    body = invoice_json(customer_id=customer, purpose="deposit", **fields)
    draft = api.post("/invoices", body).ok(201)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


def final_draft(api: Client, customer: str, *deposits: str, **fields: Any) -> dict[str, Any]:
    """The draft of a final invoice over 1,190.00."""
    lines = [line_json(quantity=1, unit_price="1000.00")]
    wanted = [{"invoice_id": one} for one in deposits]
    body = invoice_json(customer_id=customer, deposits=wanted, **{"lines": lines, **fields})
    found: dict[str, Any] = api.post("/invoices", body).ok(201)
    return found


def final(api: Client, customer: str, *deposits: str, **fields: Any) -> dict[str, Any]:
    """An issued final invoice over 1,190.00."""
    draft = final_draft(api, customer, *deposits, **fields)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


def pay(api: Client, invoice: str, amount: str, **fields: Any) -> None:
    api.post(f"/invoices/{invoice}/payments", {"amount": amount, **fields}).ok(201)


def sums(invoice: dict[str, Any]) -> dict[str, str]:
    names = ("total", "tax", "prepaid_amount", "payable", "paid", "credited", "due", "refund_due")
    return {name: invoice[name] for name in names if invoice[name] != "0.00"}


def test_a_final_invoice_asks_for_the_rest(api: Client, customer: str, read: Read) -> None:
    first = deposit(api, customer)
    pay(api, first["id"], "119.00")
    second = deposit(api, customer, lines=[line_json(), line_json(tax=REDUCED)])
    draft = final_draft(api, customer, first["id"], second["id"])
    expected = {"total": "1190.00", "tax": "190.00", "prepaid_amount": "345.00", "payable": "845.00"}
    assert sums(draft) == expected, "the tax is that of the whole supply"
    assert [one["code"] for one in draft["warnings"]] == ["DEPOSIT_UNPAID"]
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert sums(issued) == {**expected, "due": "845.00"}
    assert [
        (one["number"], one["issue_date"], one["net"], one["tax"], one["total"], one["due"])
        for one in issued["deposits"]
    ] == [
        (first["number"], "2026-03-10", "100.00", "19.00", "119.00", "0.00"),
        (second["number"], "2026-03-10", "200.00", "26.00", "226.00", "226.00"),
    ]
    rates = [(one["rate"], one["taxable"], one["tax"]) for one in issued["deposits"][1]["tax_breakdown"]]
    assert rates == [("19", "100.00", "19.00"), ("7", "100.00", "7.00")]
    assert [read(one["id"])["final_invoice_id"] for one in (first, second)] == [issued["id"]] * 2
    numbers = {one["number"]: one for one in api.get(f"/invoices/{issued['id']}/explain").ok()["numbers"]}
    assert numbers["/prepaid_amount"]["formula"] == "100.00 + 19.00 + 200.00 + 26.00"
    assert (numbers["/payable"]["formula"], numbers["/payable"]["result"]) == ("1190.00 − 345.00", "845.00")
    history = api.get(f"/invoices/{first['id']}/comments").ok()["data"]
    [entry] = [one for one in history if one["type"] == "deposit_deducted"]
    assert (issued["id"], issued["number"]) == (entry["metadata"]["final_invoice_id"], entry["metadata"]["number"])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("draft", "The deposit invoice is draft."),
        ("plain", "The document is not a deposit invoice."),
        ("canceled", "The deposit invoice is canceled."),
        ("credited", "The deposit invoice is closed."),
        ("paid and credited", "The deposit invoice is credited in full."),
        ("foreign", "There is no such invoice."),
        ("currency", "The deposit invoice is in USD."),
        ("customer", "The deposit invoice is not for the customer of the invoice."),
        ("deducted", "Another invoice deducts the deposit invoice."),
    ],
)
def test_other_documents_are_not_deducted(
    api: Client, stranger: Client, customer: str, wanted: str, message: str
) -> None:
    sound = deposit(api, customer)["id"]
    match wanted:
        case "draft":
            other = api.post("/invoices", invoice_json(customer_id=customer, purpose="deposit")).ok(201)
        case "plain":
            draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
            other = api.post(f"/invoices/{draft['id']}/finalize").ok()
        case "foreign":
            other = deposit(stranger, stranger.post("/customers", customer_json()).ok(201)["id"])
        case "customer":
            other = deposit(api, api.post("/customers", customer_json(name="Andere AG")).ok(201)["id"])
        case _:
            other = deposit(api, customer, currency="USD" if wanted == "currency" else "EUR")
    if wanted == "canceled":
        api.post(f"/invoices/{other['id']}/cancel").ok()
    elif wanted == "credited":
        api.post(f"/invoices/{other['id']}/credit").ok(201)
    elif wanted == "paid and credited":
        pay(api, other["id"], "119.00")
        api.post(f"/invoices/{other['id']}/credit").ok(201)
    elif wanted == "deducted":
        final(api, customer, other["id"])
    body = invoice_json(customer_id=customer, deposits=[{"invoice_id": sound}, {"invoice_id": other["id"]}])
    answer = api.post("/invoices", body)
    assert (answer.status, answer.code) == (422, "DEPOSIT_NOT_DEDUCTIBLE")
    assert [(one["pointer"], one["message"]) for one in answer.json["errors"]] == [("/deposits/1/invoice_id", message)]


def test_wrong_lists_of_deposits_are_refused(api: Client, customer: str) -> None:
    wanted = [{"invoice_id": deposit(api, customer)["id"]}]
    assert api.post("/invoices", invoice_json(deposits=wanted)).code == "DEPOSIT_NOT_DEDUCTIBLE"
    unknown = [{"invoice_id": new_id("inv", NOON)} for _ in range(2)]
    refused = api.post("/invoices", invoice_json(customer_id=customer, deposits=unknown)).json["errors"]
    assert [one["pointer"] for one in refused] == [f"/deposits/{place}/invoice_id" for place in (0, 1)]
    for body in ({"deposits": wanted * 2}, {"deposits": wanted, "purpose": "deposit"}):
        answer = api.post("/invoices", invoice_json(customer_id=customer, **body))
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/deposits")


def test_each_wrong_deposit_is_named(api: Client, customer: str) -> None:
    draft = api.post("/invoices", invoice_json(customer_id=customer, purpose="deposit")).ok(201)["id"]
    plain = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    wanted = [{"invoice_id": one} for one in (draft, plain)]
    answer = api.post("/invoices", invoice_json(customer_id=customer, deposits=wanted)).json
    assert [one["pointer"] for one in answer["errors"]] == ["/deposits/0/invoice_id", "/deposits/1/invoice_id"]
    assert answer["detail"] == answer["errors"][0]["message"] != answer["errors"][1]["message"]


def test_a_deposit_is_listed_with_its_date_of_issue(api: Client, customer: str) -> None:
    one = deposit(api, customer, issue_date="2026-03-02", due_date="2026-03-20")["id"]
    assert final_draft(api, customer, one)["deposits"][0]["issue_date"] == "2026-03-02"


def test_a_credit_of_other_money_still_frees_the_deposits(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    pay(api, one, "119.00")
    ended = final(api, customer, one)["id"]
    pay(api, ended, "71.00")
    api.post(f"/invoices/{ended}/credit", {"amount": "1071.00"}).ok(201)
    assert read(ended)["refund_due"] == "71.00"
    api.post(f"/invoices/{ended}/cancel").ok()
    assert read(one)["final_invoice_id"] is None


def test_a_stored_customer_is_nobody_who_is_not_stored(api: Client, customer: str) -> None:
    buyer = {name: value for name, value in customer_json().items() if name in {"name", "address", "tax_id"}}
    wanted = [{"invoice_id": deposit(api, customer)["id"]}]
    refused = api.post("/invoices", invoice_json(customer=buyer, deposits=wanted))
    assert (refused.status, refused.code) == (422, "DEPOSIT_NOT_DEDUCTIBLE")


def test_a_draft_keeps_its_deposits_until_it_is_changed(api: Client, customer: str, read: Read) -> None:
    first = deposit(api, customer)["id"]
    draft = final_draft(api, customer, first)
    changed = api.patch(f"/invoices/{draft['id']}", {"note": "Danke"}).ok()
    assert (changed["payable"], changed["deposits"]) == ("1071.00", draft["deposits"])
    other = api.post("/customers", customer_json(name="Andere AG")).ok(201)["id"]
    assert api.patch(f"/invoices/{draft['id']}", {"customer_id": other}).code == "DEPOSIT_NOT_DEDUCTIBLE"
    assert api.patch(f"/invoices/{draft['id']}", {"deposits": []}).ok()["payable"] == "1190.00"
    api.patch(f"/invoices/{draft['id']}", {"deposits": [{"invoice_id": first}]}).ok()
    copy = api.post(f"/invoices/{draft['id']}/duplicate").ok(201)
    assert (copy["deposits"], copy["payable"]) == ([], "1190.00")
    assert api.post(f"/invoices/{first}/duplicate").ok(201)["purpose"] == "deposit"
    api.post(f"/invoices/{first}/cancel").ok()
    refused = api.post(f"/invoices/{draft['id']}/finalize")
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("DEPOSIT_NOT_DEDUCTIBLE", "/deposits/0/invoice_id")
    assert read(draft["id"])["status"] == "draft"


def test_credits_reduce_the_deducted_amount(api: Client, customer: str) -> None:
    one = deposit(api, customer, lines=[line_json(), line_json(tax=REDUCED)])
    draft = final_draft(api, customer, one["id"])
    line = one["lines"][1]["id"]
    api.post(f"/invoices/{one['id']}/credit", {"lines": [{"line_id": line, "amount": "40.00"}]}).ok(201)
    note = api.post(f"/invoices/{one['id']}/credit", {"amount": "10.70"}).ok(201)
    api.post(f"/invoices/{note['id']}/cancel").ok()
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    [entry] = issued["deposits"]
    assert (entry["net"], entry["tax"], entry["total"]) == ("160.00", "23.20", "183.20")
    assert issued["payable"] == "1006.80"


def test_nothing_of_a_deducted_deposit_is_credited(api: Client, customer: str) -> None:
    one = deposit(api, customer)["id"]
    note = api.post(f"/invoices/{one}/credit", {"amount": "1.19"}).ok(201)["id"]
    ended = final(api, customer, one)["id"]
    for path in (f"{one}/credit", f"{one}/cancel", f"{one}/correct", f"{note}/cancel"):
        answer = api.post(f"/invoices/{path}")
        assert (answer.status, answer.code) == (409, "DEPOSIT_DEDUCTED"), path
    assert api.put(f"/invoices/{one}/status", {"status": "void"}).code == "DEPOSIT_DEDUCTED"
    pay(api, one, "117.81")
    api.post(f"/invoices/{ended}/cancel").ok()
    api.post(f"/invoices/{one}/credit").ok(201)


def test_a_race_deducts_a_deposit_only_once(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    drafts = [final_draft(api, customer, one)["id"] for _ in range(2)]
    with meanwhile(lambda: api.post(f"/invoices/{drafts[1]}/finalize").ok()):
        lost = api.post(f"/invoices/{drafts[0]}/finalize")
    assert (lost.status, lost.code) == (422, "DEPOSIT_NOT_DEDUCTIBLE")
    assert read(one)["final_invoice_id"] == drafts[1]
    assert (read(drafts[0])["status"], read(drafts[0])["number"]) == ("draft", None)
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_a_deposit_canceled_meanwhile_is_not_deducted(api: Client, customer: str) -> None:
    one = deposit(api, customer)["id"]
    draft = final_draft(api, customer, one)["id"]
    with meanwhile(lambda: api.post(f"/invoices/{one}/cancel").ok()):
        lost = api.post(f"/invoices/{draft}/finalize")
    assert lost.code == "DEPOSIT_NOT_DEDUCTIBLE"


def test_canceling_the_final_invoice_frees_its_deposits(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)
    pay(api, one["id"], "119.00")
    ended = final(api, customer, one["id"])
    pay(api, ended["id"], "71.00")
    canceled = api.post(f"/invoices/{ended['id']}/cancel").ok()
    assert sums(canceled) == {
        "total": "1190.00",
        "tax": "190.00",
        "prepaid_amount": "119.00",
        "payable": "1190.00",
        "paid": "71.00",
        "credited": "1190.00",
        "refund_due": "71.00",
    }, "the money of the deposit stays with the deposit"
    settlement = read(canceled["cancellation_id"])["credit_settlement"]
    parts = {name: settlement[name] for name in ("set_off", "refund", "deposits")}
    assert parts == {"set_off": "1000.00", "refund": "71.00", "deposits": "119.00"}
    assert read(one["id"])["final_invoice_id"] is None
    again = final(api, customer, one["id"])
    assert again["due"] == "1071.00"
    lost = api.post(f"/invoices/{ended['id']}/reactivate")
    assert lost.code == "DEPOSIT_NOT_DEDUCTIBLE"
    api.post(f"/invoices/{again['id']}/cancel").ok()
    back = api.post(f"/invoices/{ended['id']}/reactivate").ok()
    assert (back["status"], back["due"], back["refund_due"]) == ("open", "1000.00", "0.00")
    assert read(one["id"])["final_invoice_id"] == ended["id"]


def test_a_changed_deposit_keeps_its_invoice_canceled(api: Client, customer: str) -> None:
    one = deposit(api, customer)["id"]
    ended = final(api, customer, one)["id"]
    api.post(f"/invoices/{ended}/cancel").ok()
    api.post(f"/invoices/{one}/credit", {"amount": "11.90"}).ok(201)
    lost = api.post(f"/invoices/{ended}/reactivate")
    assert (lost.code, lost.json["detail"]) == ("DEPOSIT_NOT_DEDUCTIBLE", "The deposit invoice was credited since.")


def test_a_correction_deducts_the_same_deposits(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    ended = final(api, customer, one)["id"]
    draft = api.post(f"/invoices/{ended}/correct").ok(201)
    assert (draft["payable"], [each["invoice_id"] for each in draft["deposits"]]) == ("1071.00", [one])
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (issued["due"], read(one)["final_invoice_id"]) == ("1071.00", issued["id"])


def test_money_of_deposits_that_went_back_is_not_deducted_again(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    pay(api, one, "119.00")
    ended = final(api, customer, one)["id"]
    api.post(f"/invoices/{ended}/credit", {"amount": "1100.00"}).ok(201)
    assert read(ended)["refund_due"] == "29.00"
    pay(api, ended, "29.00", type="refund")
    canceled = api.post(f"/invoices/{ended}/cancel").ok()
    assert (canceled["refund_due"], canceled["deposits_released"]) == ("90.00", None)
    assert read(one)["final_invoice_id"] == ended


def test_deposits_above_the_total_are_owed_to_the_customer(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    pay(api, one, "119.00")
    ended = final(api, customer, one, lines=[line_json(quantity=1)])
    assert (ended["status"], ended["due"], ended["refund_due"]) == ("paid", "0.00", "59.50")
    canceled = api.post(f"/invoices/{ended['id']}/cancel").ok()
    assert (canceled["refund_due"], read(one)["final_invoice_id"]) == ("0.00", None)


@pytest.mark.parametrize(("purpose", "code"), [("standard", "386"), ("deposit", "380"), ("deposit", "389")])
def test_a_type_fits_the_purpose(api: Client, customer: str, purpose: str, code: str) -> None:
    answer = api.post("/invoices", invoice_json(customer_id=customer, purpose=purpose, type_code=code))
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert deposit(api, customer, type_code="875")["type_code"] == "875"


def test_twenty_deposits_fit_into_one_final_invoice(api: Client, customer: str) -> None:
    lines = [line_json(quantity=1, unit_price="1.00")]
    deposits = [deposit(api, customer, lines=lines)["id"] for _ in range(21)]
    issued = final(api, customer, *deposits[:20])
    assert (len(issued["deposits"]), issued["prepaid_amount"]) == (20, "23.80")
    wanted = [{"invoice_id": one} for one in deposits]
    answer = api.post("/invoices", invoice_json(customer_id=customer, deposits=wanted))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/deposits")
    canceled = api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert canceled["deposits_released"] == "23.80"


def test_a_deposit_that_nobody_paid_is_not_refunded(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    pay(api, one, "50.00")
    ended = final(api, customer, one)["id"]
    lines = read(ended)["lines"]
    api.post(f"/invoices/{ended}/credit").ok(201)
    assert read(ended)["refund_due"] == "119.00"
    other = final(api, customer)["id"]
    credit = {"method": "credit", "source_id": ended}
    for path, body in ((ended, {"type": "refund"}), (other, credit)):
        refused = api.post(f"/invoices/{path}/payments", {"amount": "50.01", **body})
        assert (refused.status, refused.code) == (422, "DEPOSIT_NOT_PAID"), body
        assert refused.json["detail"] == (
            "Only 50.00 was paid and can be refunded. Apply the rest to the unpaid deposit invoice: "
            f"record a payment on it with the method credit and the source_id {ended}."
        )
    pay(api, ended, "20.00", type="refund")
    pay(api, other, "30.00", **credit)
    assert api.post(f"/invoices/{ended}/payments", {"amount": "0.01", "type": "refund"}).code == "DEPOSIT_NOT_PAID"
    pay(api, one, "69.00", **credit)
    assert (read(one)["status"], read(ended)["refund_due"], read(ended)["lines"]) == ("paid", "0.00", lines)


def test_an_unpaid_deposit_is_settled_after_a_cancellation(api: Client, customer: str, read: Read) -> None:
    paid, unpaid = (deposit(api, customer)["id"] for _ in range(2))
    pay(api, paid, "119.00")
    ended = final(api, customer, paid, unpaid)["id"]
    api.put(f"/invoices/{unpaid}/status", {"status": "uncollectible"}).ok()
    api.post(f"/invoices/{ended}/credit", {"amount": "1000.00"}).ok(201)
    assert read(ended)["refund_due"] == "48.00"
    draft = api.post(f"/invoices/{ended}/correct").ok(201)["id"]
    assert (read(ended)["status"], read(ended)["deposits_released"], read(ended)["refund_due"]) == (
        "canceled", None, "238.00"
    )  # fmt: skip
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert (issued["paid"], issued["due"]) == ("119.00", "1071.00"), "only paid money is carried over"
    refused = api.post(f"/invoices/{ended}/payments", {"amount": "119.00", "type": "refund"})
    assert refused.code == "DEPOSIT_NOT_PAID"
    assert api.post(f"/invoices/{unpaid}/cancel").code == "DEPOSIT_DEDUCTED"
    pay(api, unpaid, "119.00", method="credit", source_id=ended)
    assert (read(unpaid)["status"], read(ended)["refund_due"]) == ("paid", "0.00")


def test_a_closed_deposit_is_reactivated_before_its_invoice(api: Client, customer: str, read: Read) -> None:
    one = deposit(api, customer)["id"]
    ended = final(api, customer, one)["id"]
    api.put(f"/invoices/{one}/status", {"status": "uncollectible"}).ok()
    api.post(f"/invoices/{ended}/cancel").ok()
    refused = api.post(f"/invoices/{ended}/reactivate")
    assert refused.code == "DEPOSIT_NOT_DEDUCTIBLE"
    assert refused.json["detail"] == "The deposit invoice is closed; reactivate it first."
    api.post(f"/invoices/{one}/reactivate").ok()
    api.post(f"/invoices/{ended}/reactivate").ok()
    assert read(one)["final_invoice_id"] == ended


def test_a_correction_states_deposits_of_another_system(api: Client, customer: str, read: Read) -> None:
    parts = [{"category": "S", "rate": "19", "taxable": "100.00", "tax": "19.00"}]
    earlier = {"number": "ALT-1", "issue_date": "2026-01-15", "tax_breakdown": parts}
    wrong = final(api, customer, prepaid={"amount": "119.00", "references": [earlier]})
    assert sums(wrong)["due"] == "1071.00"
    draft = api.post(f"/invoices/{wrong['id']}/correct").ok(201)
    assert [one["number"] for one in draft["references"]] == ["ALT-1", wrong["number"]]
    assert "ALT-1" in draft["notes"][0]["text"]
    assert "19,00" in draft["notes"][0]["text"]
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (sums(issued)["paid"], sums(issued)["due"]) == ("119.00", "1071.00")
