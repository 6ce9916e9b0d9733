"""The changes of transactions and SEPA files, without a store."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoicing.collection.batching import Debit, DebitedMandate, SepaAccount, batched_by_key, message_id
from invoicing.collection.model import AmendedMandate
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import twin
from invoicing.sepa_files.errors import SepaFileIncomplete, SepaFileIsCanceled, SepaFileIsUploaded
from invoicing.sepa_files.model import FileOriginator, SepaDocument, SepaFile
from invoicing.transactions.errors import TransactionNotUnderWay
from invoicing.transactions.model import DebitMandate, Transaction, TransactionAccount, TransactionFailure

IBAN = "DE02120300000000202051"
MOMENT = Moment(Caller.system("ten_1"), datetime(2026, 11, 30, 9, tzinfo=UTC), None)
FILE_ID = "spf_01KB9ZQ3V7M3M4V0Y1T5D9K2XA"
MESSAGE = message_id(FILE_ID, 1)
DUE = date(2026, 12, 14)


def transaction(number: int = 0, **changes: Any) -> Transaction:
    id_ = f"txn_01KB9ZQ3V7M3M4V0Y1T5D9K2{number:02}"
    given: dict[str, Any] = {
        "id": id_,
        "type": "debit",
        "invoice_id": twin("inv", id_),
        "customer_id": twin("cus", FILE_ID),
        "payment_method_id": twin("pme", FILE_ID),
        "sepa_file_id": FILE_ID,
        "amount": Decimal("119.00"),
        "end_to_end_id": id_.removeprefix("txn_"),
        "due_on": DUE,
        "account": TransactionAccount(holder="Werft & Söhne AG", iban=IBAN),
        "mandate": DebitMandate(
            reference="M-1",
            scheme="core",
            sequence="RCUR",
            signed_on=date(2026, 3, 1),
            amendment=AmendedMandate(original_iban=IBAN),
        ),
        "remittance": "INV-1",
        **MOMENT.created,
    }
    return Transaction(**given | changes)


def content(*transactions: Transaction) -> Any:
    party = SepaAccount("A", IBAN)
    mandate = DebitedMandate("M-1", date(2026, 3, 1))
    debits = [
        Debit(one.end_to_end_id, one.amount, party, party, one.remittance, DUE, mandate, "core", "RCUR")
        for one in transactions
    ]
    return batched_by_key(MESSAGE, debits)


def file(*, complete: bool = True) -> SepaFile:
    new = SepaFile(
        id=FILE_ID,
        type="debit",
        format="pain.008.001.08",
        message_id=MESSAGE,
        bank_account_id="main",
        originator=FileOriginator(name="Kontor", holder="Kontor", iban=IBAN, creditor_id="DE98ZZZ09999999999"),
        due_on=DUE,
        settles_on=date(2026, 12, 21),
        **MOMENT.created,
    )
    members = [transaction(0), transaction(1)]
    open_ = new.with_more(members, MOMENT)
    written = SepaDocument(id=twin("file", FILE_ID), message_id=MESSAGE, sha256="0" * 64, size=1)
    return open_.written(content(*members), [written], MOMENT) if complete else open_


STEPS: dict[str, Any] = {
    "pending": lambda one: one.uploaded(MOMENT),
    "succeeded": lambda one: one.settled(twin("pay", FILE_ID), MOMENT),
    "failed": lambda one: one.refused(TransactionFailure(code="AC04"), MOMENT),
    "returned": lambda one: one.returned(TransactionFailure(code="MD06"), MOMENT),
    "canceled": lambda one: one.canceled(MOMENT),
}
ALLOWED = {
    "created": {"pending", "succeeded", "failed", "canceled"},
    "pending": {"succeeded", "failed"},
    "succeeded": {"returned"},
    "failed": set[str](),
    "returned": set[str](),
    "canceled": set[str](),
}


@pytest.mark.parametrize("status", ALLOWED)
@pytest.mark.parametrize("step", STEPS)
def test_a_transaction_only_moves_forward(status: Any, step: str) -> None:
    before = transaction(status=status)
    if step in ALLOWED[status]:
        after = STEPS[step](before)
        assert (after.status, [one.status for one in after.history]) == (step, [step])
        assert after.is_under_way is (step == "pending")
    else:
        with pytest.raises(TransactionNotUnderWay):
            STEPS[step](before)


def test_the_history_names_the_reason_of_the_bank() -> None:
    paid = transaction().settled(twin("pay", FILE_ID), MOMENT)
    back = paid.returned(TransactionFailure(code="MD06", retry=False), MOMENT)
    assert [(one.status, one.reason) for one in back.history] == [("succeeded", None), ("returned", "MD06")]
    assert back.payment_id == paid.payment_id


def test_accounts_of_transactions_are_masked() -> None:
    one = transaction()
    shown = one.shown(DUE)
    assert shown.account is not None
    assert shown.account.iban == "DE02…2051"
    assert shown.mandate is not None
    assert shown.mandate.amendment is not None
    assert shown.mandate.amendment.original_iban == "DE02…2051"
    assert one.revealed().shown(DUE).account == one.account
    assert one.canceled(MOMENT).shown(DUE).account is None


def test_a_complete_file_shows_its_batches() -> None:
    written = file()
    assert (written.count, written.total, written.is_complete) == (2, Decimal("238.00"), True)
    [batch] = written.batches
    assert (batch.scheme, batch.sequence, batch.count, batch.total) == ("core", "RCUR", 2, Decimal("238.00"))
    assert written.shown(DUE).originator.iban == "DE02…2051"
    assert written.revealed().shown(DUE).originator.iban == IBAN


def test_a_file_without_some_transactions_is_incomplete() -> None:
    fewer = file().with_fewer([transaction(0)], MOMENT)
    assert (fewer.count, fewer.total, fewer.files, fewer.batches) == (1, Decimal("119.00"), (), ())
    assert fewer.message_id == message_id(FILE_ID, 2)
    none = fewer.with_fewer([transaction(1)], MOMENT)
    assert (none.message_id, none.total) == (message_id(FILE_ID, 2), Decimal("0.00"))


def test_a_file_contains_the_transactions_it_counts() -> None:
    with pytest.raises(AssertionError):
        file(complete=False).written(content(transaction(0)), [], MOMENT)


def test_an_incomplete_file_is_not_uploaded() -> None:
    with pytest.raises(SepaFileIncomplete):
        file(complete=False).uploaded(MOMENT)


def test_an_uploaded_file_is_not_canceled() -> None:
    uploaded = file().uploaded(MOMENT)
    assert uploaded.uploaded(MOMENT) == uploaded
    with pytest.raises(SepaFileIsUploaded):
        uploaded.canceled(MOMENT)
    with pytest.raises(SepaFileIsUploaded):
        uploaded.with_fewer([transaction(0)], MOMENT)


def test_a_canceled_file_does_not_change() -> None:
    canceled = file().canceled(MOMENT)
    with pytest.raises(SepaFileIsCanceled):
        canceled.uploaded(MOMENT)
    with pytest.raises(SepaFileIsCanceled):
        canceled.require_complete()
    with pytest.raises(SepaFileIsCanceled):
        canceled.with_more([transaction(2)], MOMENT)


def test_a_file_counts_returned_transactions() -> None:
    back = file().uploaded(MOMENT).with_returns(1, MOMENT).settled(MOMENT)
    assert (back.status, back.returned_count) == ("settled", 1)


def test_a_refund_waits_for_one_file() -> None:
    waiting = transaction(type="credit", mandate=None, sepa_file_id=None, due_on=None)
    assert waiting.is_waiting
    found = waiting.in_file(FILE_ID, DUE, waiting.amount, MOMENT)
    assert (found.file_id, found.executed_on, found.is_waiting) == (FILE_ID, DUE, False)
    with pytest.raises(TransactionNotUnderWay):
        found.in_file(FILE_ID, DUE, waiting.amount, MOMENT)
