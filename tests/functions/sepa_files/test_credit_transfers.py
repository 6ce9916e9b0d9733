"""SEPA files of credit transfers: they pay back the `refund_due` of documents."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.errors import ConcurrentModification
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.sepa_files import creating
from invoicing.sepa_files.table import rows_unchanged
from invoicing.transactions.model import Transaction, TransactionAccount
from invoicing.transactions.table import claimed
from tests.aws import TABLE
from tests.bank import PAYERS, Month, Movement, feed
from tests.builders import NOON, customer_json, invoice_json
from tests.collection import IBAN, OTHER_IBAN, debtor, overpaid_invoice, ready_to_collect
from tests.events import details
from tests.functions.reports.test_list_open_items import record
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect, transactions, xml_of
from tests.functions.sepa_files.test_create_sepa_file_link import link_to, opened
from tests.functions.test_deposits import deposit, final, pay
from tests.gateway import Client
from tests.races import meanwhile
from tests.transactions import store_of
from tests.unit.test_sepa_files import values


@pytest.fixture(autouse=True)
def _ready(api: Client) -> None:
    ready_to_collect(api)


def refund(api: Client, *ids: str, key: str | None = None, **fields: Any) -> Any:
    return collect(api, *ids, key=key, type="credit", **fields)


def claims() -> Counter[str]:
    """How many credit transfers under way each document has."""
    rows = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert not [row for row in rows if row["SK"]["S"].startswith("DEBITS#")]
    return Counter(row["PK"]["S"].rpartition("#")[2] for row in rows if row["SK"]["S"] == "REFUND")


def test_all_amounts_that_are_owed_are_in_one_file(api: Client) -> None:
    customer = debtor(api)
    ids = sorted([overpaid_invoice(api, customer), overpaid_invoice(api, customer), overpaid_invoice(api)])
    canceled = overpaid_invoice(api)
    api.post(f"/invoices/{canceled}/cancel").ok()
    record(api)
    planned = refund(api, dry_run=True).ok()
    assert (planned["count"], planned["total"], claims()) == (4, "319.00", Counter())
    file = refund(api).ok(201)
    assert (file["type"], file["format"], file["due_on"]) == ("credit", "pain.001.001.09", "2026-03-10")
    assert (file["count"], file["total"], file["status"], file["debits"]) == (4, "319.00", "created", [])
    assert file["originator"]["creditor_id"] is None
    assert [(one["scheme"], one["sequence"], one["count"]) for one in file["batches"]] == [(None, None, 4)]
    assert sorted(one["invoice_id"] for one in file["credits"]) == sorted([*ids, canceled])
    assert {one["iban"] for one in file["credits"]} == {"DE02…2051"}
    content = xml_of(api, file)
    assert values(content, "NbOfTxs") == ["4", "4"]
    assert values(content, "CtrlSum") == ["319.00", "319.00"]
    assert values(content, "EndToEndId") == sorted(one["end_to_end_id"] for one in transactions(api, file))
    assert set(values(content, "IBAN")) == {IBAN, file["originator"]["iban"]}
    assert claims() == Counter([*ids, canceled])
    [one] = [one for one in transactions(api, file) if one["invoice_id"] == ids[0]]
    assert (one["type"], one["amount"], one["mandate"], one["payment_method_id"]) == ("credit", "50.00", None, None)
    assert (one["account"]["iban"], one["sepa_file_id"]) == (IBAN, file["id"])
    assert refund(api).code == "NOTHING_TO_COLLECT"
    assert [one["id"] for one in api.get(f"{PATH}?type=credit").ok()["data"]] == [file["id"]]
    assert [len(details(f"sepa_file.{name}")) for name in ("created", "written")] == [1, 1]


def test_skipped_documents_have_reasons(api: Client) -> None:
    unknown = api.post("/customers", customer_json()).ok(201)["id"]
    without, blocked, claimed, ready = (
        overpaid_invoice(api, unknown),
        overpaid_invoice(api),
        *(overpaid_invoice(api) for _ in range(2)),
    )
    customer = api.get(f"/invoices/{blocked}").ok()["customer_id"]
    [method] = api.get(f"/customers/{customer}/payment-methods").ok()["data"]
    api.patch(f"/customers/{customer}/payment-methods/{method['id']}", {"blocked": True}).ok()
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    refund(api, claimed).ok(201)
    file = refund(api, without, blocked, claimed, draft, ready).ok(201)
    assert [one["invoice_id"] for one in file["credits"]] == [ready]
    assert {one["invoice_id"]: one["reason"] for one in file["skipped"]} == {
        without: "no_known_account",
        blocked: "no_known_account",
        claimed: "refund_under_way",
        draft: "nothing_to_refund",
    }


def test_the_account_of_an_ended_mandate_gets_money(api: Client) -> None:
    customer = debtor(api)
    path = f"/customers/{customer}/payment-methods"
    [method] = api.get(path).ok()["data"]
    invoice = overpaid_invoice(api, customer)
    api.delete(f"{path}/{method['id']}").ok()
    file = refund(api, invoice).ok(201)
    assert api.get(f"/transactions/{transactions(api, file)[0]['id']}").ok()["account"]["iban"] == IBAN


@pytest.mark.parametrize("shared", [False, True])
def test_money_goes_back_to_the_payer(api: Client, shared: bool) -> None:
    """Another customer who pays from the same account shows that it can be that of a payment service."""
    payers = [debtor(api, iban=OTHER_IBAN), *([debtor(api)] if shared else [])]
    ids = [paid_from_bank(api, customer, number) for number, customer in enumerate(payers)]
    [account] = [one["account"] for one in transactions(api, refund(api, ids[0]).ok(201))]
    expected = ("Werft & Söhne AG", OTHER_IBAN) if shared else ("Zahler & Co", PAYERS[1])
    assert (account["holder"], account["iban"]) == expected


def paid_from_bank(api: Client, customer: str, number: int) -> str:
    """The id of an invoice over 119.00 that a bank transaction over 169.00 pays."""
    id_: str = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{id_}/finalize").ok()
    movement = Movement(date(2026, 3, 9), Decimal("169.00"), "Zahlung", "Zahler & Co", PAYERS[1])
    sent = api.post("/bank-transactions", feed(Month([movement]), number)).ok()["data"][0]["transaction_id"]
    wanted = {"allocations": [{"invoice_id": id_, "amount": "169.00"}], "accept_overpayment": True}
    api.post(f"/bank-transactions/{sent}/allocations", wanted).ok()
    return id_


def test_credits_need_no_creditor_identifier(api: Client) -> None:
    api.patch("/tenant", {"creditor_id": None}).ok()
    invoice = overpaid_invoice(api)
    assert refund(api, invoice, dry_run=True).ok()["count"] == 1
    for due_on, day in (("2026-03-10", "2026-03-10"), ("2026-03-14", "2026-03-16")):
        assert refund(api, invoice, due_on=due_on, dry_run=True).ok()["due_on"] == day
    for due_on in ("2026-03-09", "2026-04-10"):
        refused = refund(api, invoice, due_on=due_on)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/due_on")
    outside = {"id": "other", "iban": "TR330006100519786457841326"}
    accounts = api.get("/tenant").ok()["bank_accounts"]
    api.patch("/tenant", {"bank_accounts": [*accounts, outside]}).ok()
    assert refund(api, invoice, bank_account_id="other").code == "SEPA_ACCOUNT_MISSING"


def test_two_files_at_once_refund_a_document_once(api: Client) -> None:
    invoice = overpaid_invoice(api)
    other: list[Any] = []
    with meanwhile(lambda: other.append(refund(api, invoice))):
        late = refund(api, invoice)
    assert (other[0].status, late.code) == (201, "NOTHING_TO_COLLECT")
    assert claims() == Counter([invoice])


def by_hand(api: Client, invoice: str, amount: str) -> Any:
    return api.post(f"/invoices/{invoice}/payments", {"type": "refund", "amount": amount})


def reverse(api: Client, invoice: str) -> None:
    """Reverse the only payment of a document, which then owes nothing."""
    [payment] = api.get(f"/invoices/{invoice}/payments").ok()["data"]
    api.delete(f"/invoices/{invoice}/payments/{payment['id']}").ok()


def test_a_refund_by_hand_meanwhile_reduces_the_credit(api: Client) -> None:
    first, second = sorted(overpaid_invoice(api) for _ in range(2))
    with meanwhile(lambda: (by_hand(api, first, "20.00").ok(201), by_hand(api, second, "50.00").ok(201))):
        file = refund(api, first, second).ok(201)
    assert [(one["invoice_id"], one["amount"]) for one in file["credits"]] == [(first, "30.00")]
    assert (file["total"], claims()) == ("30.00", Counter([first]))


def test_a_refund_is_not_decided_on_an_older_state(api: Client) -> None:
    """Another read of the document after the decision does not make it newer."""
    store, invoice = store_of(api), overpaid_invoice(api)
    decided_on = store.get(InvoiceSummary, invoice)
    by_hand(api, invoice, "20.00").ok(201)
    store.get(Invoice, invoice)
    with pytest.raises(ConcurrentModification):
        list(rows_unchanged([decided_on])(store.session))


def test_no_other_refund_is_recorded_while_one_is_under_way(api: Client) -> None:
    customer = debtor(api)
    invoice = overpaid_invoice(api, customer)
    target = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{target}/finalize").ok()
    files: list[Any] = []
    with meanwhile(lambda: files.append(refund(api, invoice).ok(201))):
        assert by_hand(api, invoice, "50.00").code == "REFUND_UNDER_WAY"
    credit = {"amount": "50.00", "method": "credit", "source_id": invoice}
    applied = api.post(f"/invoices/{target}/payments", credit)
    assert (applied.code, applied.json["errors"][0]["pointer"]) == ("REFUND_UNDER_WAY", "/source_id")
    named = {"type": "refund", "amount": "1.00", "external_id": transactions(api, files[0])[0]["id"]}
    assert api.post(f"/invoices/{invoice}/payments", named).code == "VALIDATION_ERROR"
    path = f"{PATH}/{files[0]['id']}"
    api.post(f"{path}/cancel").ok()
    assert claims() == Counter()
    files.clear()
    with meanwhile(lambda: files.append(refund(api, invoice).ok(201))):
        assert api.post(f"/invoices/{target}/payments", credit).code == "REFUND_UNDER_WAY"
    assert api.get(f"/invoices/{invoice}").ok()["refund_due"] == "50.00"


def test_a_file_without_some_credits_is_written_again(api: Client) -> None:
    file = refund(api, *[overpaid_invoice(api) for _ in range(2)]).ok(201)
    first, second = transactions(api, file)
    path = f"{PATH}/{file['id']}"
    fewer = api.post(f"{path}/cancel", {"transaction_ids": [first["id"]]}).ok()
    content = xml_of(api, fewer)
    assert (values(content, "EndToEndId"), values(content, "CtrlSum")[0]) == ([second["end_to_end_id"]], "50.00")
    assert claims() == Counter([second["invoice_id"]])
    api.post(f"{path}/uploaded").ok()
    assert {one["id"]: one["status"] for one in transactions(api, file)} == {
        first["id"]: "canceled",
        second["id"]: "pending",
    }
    assert api.post(f"{path}/cancel").code == "SEPA_FILE_UPLOADED"
    assert by_hand(api, first["invoice_id"], "50.00").status == 201
    assert by_hand(api, second["invoice_id"], "1.00").code == "REFUND_UNDER_WAY"


def test_a_refund_that_waits_is_in_the_next_file(api: Client) -> None:
    invoice, less = overpaid_invoice(api), overpaid_invoice(api)
    waiting = [waiting_credit(api, invoice, "20.00"), waiting_credit(api, less, "50.00")]
    assert by_hand(api, invoice, "10.00").code == "REFUND_UNDER_WAY"
    reverse(api, less)
    file = refund(api, invoice, less).ok(201)
    assert [(one["invoice_id"], one["amount"]) for one in file["credits"]] == [(invoice, "20.00")]
    assert [(one["invoice_id"], one["reason"]) for one in file["skipped"]] == [(less, "nothing_to_refund")]
    [credit] = transactions(api, file)
    assert (credit["id"], credit["sepa_file_id"], credit["due_on"]) == (waiting[0], file["id"], file["due_on"])
    assert values(xml_of(api, file), "IBAN") == [file["originator"]["iban"], OTHER_IBAN]
    assert claims() == Counter([invoice, less])
    assert refund(api, invoice).code == "NOTHING_TO_COLLECT"


def waiting_credit(api: Client, invoice: str, amount: str) -> str:
    """The id of a new refund that waits for a file."""
    store, id_ = store_of(api), new_id("txn", NOON)
    customer = store.get(InvoiceSummary, invoice).customer_id or ""
    credit = Transaction(
        id=id_,
        type="credit",
        invoice_id=invoice,
        customer_id=customer,
        amount=Decimal(amount),
        end_to_end_id=id_.removeprefix("txn_"),
        account=TransactionAccount(holder="Werft & Söhne AG", iban=OTHER_IBAN),
        remittance="INV",
        **store.session.moment.created,
    )
    store.advance(store.get(Customer, customer), credit, also=[claimed([credit])])
    return id_


def test_a_refund_that_is_not_owed_any_more_is_not_downloaded(api: Client) -> None:
    invoice, other = overpaid_invoice(api), overpaid_invoice(api)
    file = refund(api, invoice, other).ok(201)
    path, link = f"{PATH}/{file['id']}", link_to(api, file)
    assert opened(link).status == 302
    reverse(api, invoice)
    assert api.get(f"{path}/xml").code == api.post(f"{path}/download-links").code == "REFUND_NOT_OWED"
    assert (opened(link).status, opened(link).code) == (410, "LINK_EXPIRED")
    [gone] = [one["id"] for one in transactions(api, file) if one["invoice_id"] == invoice]
    fewer = api.post(f"{path}/cancel", {"transaction_ids": [gone]}).ok()
    assert (opened(link_to(api, fewer)).status, api.get(f"{path}/xml").status) == (302, 200)


def test_a_refund_of_a_deposit_needs_its_payment(api: Client) -> None:
    """It comes back after the file was created. The `refund_due` of the final invoice does not show that."""
    customer = debtor(api)
    paid = deposit(api, customer)["id"]
    pay(api, paid, "119.00")
    ended = final(api, customer, paid)["id"]
    api.post(f"/invoices/{ended}/credit").ok(201)
    file = refund(api, ended).ok(201)
    assert api.get(f"{PATH}/{file['id']}/xml").status == 200
    reverse(api, paid)
    assert api.get(f"/invoices/{ended}").ok()["refund_due"] == file["total"] == "119.00"
    assert api.get(f"{PATH}/{file['id']}/xml").code == "REFUND_NOT_OWED"


def test_that_the_bank_has_a_file_is_recorded_in_any_case(api: Client) -> None:
    """It is a fact, also if a document no longer owes the amount. Only downloads are refused before."""
    invoice = overpaid_invoice(api)
    file = refund(api, invoice).ok(201)
    link = link_to(api, file)
    reverse(api, invoice)
    assert opened(link).code == "LINK_EXPIRED"
    assert api.post(f"{PATH}/{file['id']}/uploaded").ok()["status"] == "uploaded"
    assert [one["status"] for one in transactions(api, file)] == ["pending"]
    assert opened(link).status == 302


def test_an_interrupted_file_of_credits_is_continued(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creating, "CREATED_A_COMMIT", 1)
    ids = [overpaid_invoice(api) for _ in range(3)]

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: None, lambda: None, stop):
        refund(api, *ids, key="once")
    done = refund(api, *ids, key="once").ok(201)
    assert (done["count"], done["total"], done["skipped"]) == (3, "150.00", [])
    assert values(xml_of(api, done), "NbOfTxs")[0] == "3"
    assert claims() == Counter(ids)
    assert refund(api, *ids, key="once").ok(201) == done
