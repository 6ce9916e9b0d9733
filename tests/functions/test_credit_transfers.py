"""How statements of the bank settle, refuse and return credit transfers, and their refunds."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from invoicing.payments.table import refund_under_way
from invoicing.sepa_files.table import transactions_in
from invoicing.transactions.model import Transaction
from tests.bank import Month, Movement, mt940_of
from tests.builders import invoice_json
from tests.collection import overpaid_invoice, ready_to_collect
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.races import meanwhile
from tests.transactions import (
    FEE,
    REFUNDED,
    Collected,
    camt_of,
    credit_of,
    debit_now,
    owed,
    payments,
    rejection_of,
    repaid,
    reported,
    return_of,
    single_credit,
    store_of,
)

BACK = ("119.00", "bank_transfer", "returned")


def refunds(api: Client, found: Collected) -> list[tuple[str, str, str | None]]:
    """Amount, method and reversal reason of the refunds of the documents; each was paid once before."""
    paid, rest = ("119.00", "bank_transfer", None), payments(api, found.debits)
    for _ in found.debits:
        rest.remove(paid)
    return rest


def owed_now(api: Client, one: Transaction) -> tuple[str, str | None]:
    """The amount owed to the customer, and the credit that is under way."""
    return api.get(f"/invoices/{one.invoice_id}").ok()["refund_due"], refund_under_way(store_of(api), one.invoice_id)


def statuses(api: Client, found: Collected) -> list[str]:
    return [debit_now(api, one)["status"] for one in found.debits]


def test_a_debit_of_the_batch_records_all_refunds(api: Client) -> None:
    found = repaid(api, 2)
    [booked] = reported(api, camt_of(credit_of(found)))
    assert (statuses(api, found), refunds(api, found)) == (["succeeded"] * 2, [REFUNDED] * 2)
    expected = {"kind": "refund", "target_id": found.file.id, "amount": "238.00", "charges": None}
    assert (booked["collection"], booked["status"], booked["unallocated"]) == (expected, "allocated", "0.00")
    assert [owed_now(api, one) for one in found.debits] == [("0.00", None)] * 2
    assert len(details("transaction.succeeded")) == 2
    assert [one["resource"]["id"] for one in details("sepa_file.settled")] == [found.file.id]


def test_a_debit_of_one_credit_records_it_once(api: Client) -> None:
    found = repaid(api, 2)
    [booked] = reported(api, camt_of(single_credit(found.debits[0])))
    reported(api, camt_of(single_credit(found.debits[0])) + b" ")
    assert (statuses(api, found), refunds(api, found)) == (["succeeded", "pending"], [REFUNDED])
    [_, refund] = sorted(
        api.get(f"/invoices/{found.debits[0].invoice_id}/payments").ok()["data"], key=lambda one: str(one["type"])
    )
    assert (refund["type"], refund["date"], refund["external_id"]) == ("refund", "2026-03-02", found.debits[0].id)
    assert debit_now(api, found.debits[0])["payment_id"] == refund["id"]
    assert booked["collection"]["target_id"] == found.debits[0].id


def test_a_debit_of_another_amount_is_left_to_users(api: Client) -> None:
    found = repaid(api)
    [booked] = reported(api, camt_of(single_credit(found.debits[0]).replace("119.00", "118.00")))
    assert (booked["status"], statuses(api, found), refunds(api, found)) == ("open", ["pending"], [])


def test_credits_settle_after_some_days_without_news(api: Client, at: Clock) -> None:
    found = repaid(api, 2)
    at.now -= timedelta(days=2)
    assert strike("settle_debits", api.tenant_id) == []
    assert refunds(api, found) == []
    at.now += timedelta(days=2)
    for _ in range(2):
        assert strike("settle_debits", api.tenant_id) == []
    [booked] = reported(api, camt_of(credit_of(found)))
    assert (booked["status"], refunds(api, found)) == ("allocated", [REFUNDED] * 2)


@pytest.mark.parametrize(("code", "status"), [("AC04", "blocked"), ("AM05", "active")])
def test_a_refused_credit_is_owed_again(api: Client, code: str, status: str) -> None:
    found = repaid(api, 2)
    for repeated in (b"", b" "):
        reported(api, rejection_of(found, found.debits[0], code=code) + repeated)
    assert (statuses(api, found), refunds(api, found)) == (["failed", "pending"], [])
    assert owed_now(api, found.debits[0]) == ("119.00", None)
    assert debit_now(api, found.debits[0])["failure"]["code"] == code
    assert api.get(found.method_path).ok()["status"] == status
    assert len(details("transaction.failed")) == 1


def test_a_returned_credit_is_owed_again(api: Client) -> None:
    """Reported twice, it is one return; the bank kept its charges."""
    found = repaid(api)
    reported(api, camt_of(credit_of(found)))
    *_, returned = reported(api, camt_of(return_of(found.debits[0], "AC04")))
    reported(api, rejection_of(found, found.debits[0], code="AC04"))
    reported(api, camt_of(return_of(found.debits[0], "AC04", day=date(2026, 3, 6))))
    assert (statuses(api, found), refunds(api, found)) == (["returned"], [BACK])
    assert owed_now(api, found.debits[0]) == ("119.00", None)
    expected = {"kind": "return", "target_id": found.debits[0].id, "amount": "119.00", "charges": str(FEE)}
    assert (returned["collection"], returned["status"]) == (expected, "allocated")
    assert api.get(found.method_path).ok()["status"] == "blocked"
    assert len(details("transaction.returned")) == 1


def test_a_return_before_the_settlement_records_nothing(api: Client) -> None:
    found = repaid(api, 2)
    reported(api, camt_of(return_of(found.debits[0])))
    [*_, booked] = reported(api, camt_of(credit_of(found)))
    assert (statuses(api, found), refunds(api, found)) == (["failed", "succeeded"], [REFUNDED])
    assert [owed_now(api, one) for one in found.debits] == [("119.00", None), ("0.00", None)]
    assert booked["status"] == "allocated"


def test_a_return_of_another_amount_is_left_to_users(api: Client) -> None:
    found = repaid(api)
    reported(api, camt_of(credit_of(found)))
    *_, more = reported(api, camt_of(return_of(found.debits[0]).replace("116.00", "120.00")))
    *_, unproven = reported(api, camt_of(return_of(found.debits[0]).replace("AmtDtls", "Other")))
    assert (more["status"], unproven["status"], statuses(api, found)) == ("open", "open", ["succeeded"])


def test_a_return_in_mt940_is_found_by_its_id(api: Client) -> None:
    found = repaid(api)
    reported(api, camt_of(credit_of(found)))
    back = Movement(date(2026, 3, 5), Decimal("119.00"), "RETOURE", end_to_end_id=found.debits[0].end_to_end_id)
    *_, returned = reported(api, mt940_of(Month([back])))
    assert (statuses(api, found), refunds(api, found)) == (["returned"], [BACK])
    assert returned["collection"]["kind"] == "return"


def new_invoice(api: Client, customer: str) -> str:
    """The id of an issued invoice over 119.00."""
    id_ = str(api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"])
    api.post(f"/invoices/{id_}/finalize").ok()
    return id_


def take_back(api: Client, invoice_id: str, amount: str) -> None:
    """A payment of a document comes back."""
    payments_ = api.get(f"/invoices/{invoice_id}/payments").ok()["data"]
    [payment] = [one["id"] for one in payments_ if one["amount"] == amount]
    api.delete(f"/invoices/{invoice_id}/payments/{payment}?reason=returned").ok()


def test_money_that_is_not_owed_any_more_is_left_to_users(api: Client) -> None:
    """The payment came back meanwhile: no refund is recorded."""
    found = repaid(api)
    take_back(api, found.debits[0].invoice_id, "119.00")
    [booked] = reported(api, camt_of(credit_of(found)))
    one = debit_now(api, found.debits[0])
    assert (booked["status"], booked["unallocated"], booked["collection"]) == ("open", "119.00", None)
    assert (one["status"], one["payment_id"], owed_now(api, found.debits[0])) == ("succeeded", None, ("0.00", None))


@pytest.mark.parametrize("in_time", [False, True])
def test_a_refund_has_the_amount_that_is_still_owed(api: Client, in_time: bool) -> None:
    """A part of the payment came back meanwhile. The customer has the rest too: it is never paid or counted twice."""
    found = repaid(api, parts=("79.00", "40.00"))
    [credit] = found.debits
    take_back(api, credit.invoice_id, "79.00")
    if in_time:
        assert strike("settle_debits", api.tenant_id) == []
    [booked] = reported(api, camt_of(credit_of(found)))
    reported(api, camt_of(credit_of(found)) + b" ")
    expected = {"kind": "refund", "target_id": found.file.id, "amount": "40.00", "charges": None}
    assert (booked["collection"], booked["status"], booked["unallocated"]) == (expected, "partly_allocated", "79.00")
    assert (owed_now(api, credit), debit_now(api, credit)["status"]) == (("0.00", None), "succeeded")
    [refund] = [
        one for one in api.get(f"/invoices/{credit.invoice_id}/payments").ok()["data"] if one["type"] == "refund"
    ]
    assert (refund["amount"], refund["id"]) == ("40.00", debit_now(api, credit)["payment_id"])
    path = f"/bank-transactions/{booked['id']}/allocations"
    for amount, left, status in (("70.00", "9.00", "partly_allocated"), ("9.00", "0.00", "allocated")):
        rest = api.post(
            path, {"allocations": [{"invoice_id": owed(api, new_invoice(api, credit.customer_id)), "amount": amount}]}
        ).ok()
        assert (rest["unallocated"], rest["status"]) == (left, status)
    *_, back = reported(api, camt_of(return_of(credit)))
    assert (back["status"], debit_now(api, credit)["status"], owed_now(api, credit)) == (
        "open", "succeeded", ("0.00", None)
    )  # fmt: skip


def test_the_return_of_a_credit_without_refund_is_left_to_users(api: Client) -> None:
    """A user booked a part of its money after it settled without a refund."""
    ready_to_collect(api)
    invoice = overpaid_invoice(api)
    file = api.post("/sepa-files", {"type": "credit", "invoice_ids": [invoice]}).ok(201)
    api.post(f"/sepa-files/{file['id']}/uploaded").ok()
    [credit] = transactions_in(store_of(api), file["id"])
    take_back(api, invoice, "169.00")
    [money] = reported(api, camt_of(single_credit(credit)))
    assert (money["status"], debit_now(api, credit)["status"]) == ("open", "succeeded")
    api.post(f"/invoices/{invoice}/payments", {"amount": "139.00", "accept_overpayment": True}).ok(201)
    api.post(f"/bank-transactions/{money['id']}/allocations", {"allocations": [{"invoice_id": invoice}]}).ok()
    *_, back = reported(api, camt_of(return_of(credit)))
    assert (back["amount"], back["status"], back["unallocated"]) == ("47.00", "open", "47.00")
    assert (debit_now(api, credit)["status"], owed_now(api, credit)) == ("succeeded", ("0.00", None))


def test_a_part_of_a_credit_that_the_bank_refuses_is_owed_again(api: Client) -> None:
    """It settled in time before. All money that is reported about it after that is left to users."""
    found = repaid(api, parts=("79.00", "40.00"))
    [credit] = found.debits
    take_back(api, credit.invoice_id, "79.00")
    assert strike("settle_debits", api.tenant_id) == []
    reported(api, rejection_of(found, credit, code="AC04"))
    assert (statuses(api, found), owed_now(api, credit)) == (["returned"], ("40.00", None))
    booked = reported(api, camt_of(single_credit(credit), return_of(credit)))
    assert [one["unallocated"] for one in booked] == ["119.00", "116.00"]
    assert owed_now(api, credit) == ("40.00", None)


@pytest.mark.parametrize("first", ["return", "money", "time"])
def test_a_return_and_the_settlement_at_once_record_nothing(api: Client, first: str) -> None:
    """Whichever comes between the read and the write of the other, the amount is owed again."""
    found = repaid(api)
    writers: dict[str, Callable[[], object]] = {
        "return": lambda: reported(api, camt_of(return_of(found.debits[0]))),
        "money": lambda: reported(api, camt_of(credit_of(found))),
        "time": lambda: strike("settle_debits", api.tenant_id),
    }
    with meanwhile(writers[first]):
        writers["money" if first == "return" else "return"]()
    assert refunds(api, found) in ([], [BACK])
    assert owed_now(api, found.debits[0]) == ("119.00", None)
    assert statuses(api, found)[0] in ("failed", "returned")


def test_a_refund_by_hand_waits_for_the_credit(api: Client) -> None:
    found = repaid(api)
    refund = {"type": "refund", "amount": "119.00"}
    path = f"/invoices/{found.debits[0].invoice_id}/payments"
    assert api.post(path, refund).code == "REFUND_UNDER_WAY"
    with meanwhile(lambda: reported(api, camt_of(credit_of(found)))):
        assert api.post(path, refund).code in ("REFUND_UNDER_WAY", "REFUND_EXCEEDS_CREDIT")
    assert refunds(api, found) == [REFUNDED]


def test_reports_of_the_bank_in_any_order_end_alike(api: Client) -> None:
    """The money, its return and the rejection of six credits: each in another order."""
    orders = list(permutations(("money", "return", "rejection")))
    found = repaid(api, len(orders))
    for step in range(3):
        now = [(one, order[step]) for one, order in zip(found.debits, orders, strict=True)]
        money = [single_credit(one) for one, report in now if report == "money"]
        returns = [return_of(one) for one, report in now if report == "return"]
        reported(api, camt_of(*money, *returns))
        reported(api, rejection_of(found, *(one for one, report in now if report == "rejection")))
    assert set(statuses(api, found)) == {"failed", "returned"}
    assert [owed_now(api, one) for one in found.debits] == [("119.00", None)] * len(orders)
    assert set(refunds(api, found)) == {BACK}
    assert {one["status"] for one in api.get("/bank-transactions?limit=100").ok()["data"]} == {"allocated"}
