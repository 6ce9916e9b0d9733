"""bank_statement.uploaded → its transactions"""

from datetime import date
from decimal import Decimal

import pytest

from invoicing.bank import importing
from invoicing.bank.importing import IMPORT_REQUESTED, MOST_ATTEMPTS
from tests.aws import AwsCalls
from tests.bank import (
    PROFILE,
    Month,
    Movement,
    busy_month,
    camt_of,
    csv_of,
    deliver_import,
    imported,
    mt940_of,
    transactions,
    upload,
    zipped,
)
from tests.billing import requested_steps
from tests.events import deliver_raw, details
from tests.gateway import Client
from tests.races import meanwhile

DAY = date(2026, 3, 2)


def month(size: int) -> Month:
    return Month([Movement(DAY, Decimal("1.00"), f"Nummer {number}") for number in range(size)])


def test_an_import_takes_calls_by_the_size_of_the_statement(api: Client, aws: AwsCalls) -> None:
    counted = []
    for size in (90, 180):
        [statement] = upload(api, camt_of(month(size)._replace(number=str(size))))
        with aws.only("import_bank_statement") as calls:
            assert deliver_import(statement) == []
        counted.append(calls.names["dynamodb:TransactWriteItems"])
    assert counted == [4, 6]
    assert len(details("bank_transaction.received")) == 180


@pytest.mark.slow
def test_ten_thousand_transactions_are_imported_in_linear_time(api: Client, aws: AwsCalls) -> None:
    """Message after message, then once more in another format."""
    month = busy_month(10_000)
    for content, new, most in ((camt_of(month), 10_000, 400), (mt940_of(month), 0, 600)):
        [statement] = upload(api, zipped(content))
        with aws.only("import_bank_statement") as calls:
            assert deliver_import(statement) == []
            while requested := requested_steps(aws, IMPORT_REQUESTED):
                assert deliver_raw("import_bank_statement", requested[-1]) == []
                if api.get(f"/bank-statements/{statement['id']}").ok()["status"] == "done":
                    break
        after = api.get(f"/bank-statements/{statement['id']}").ok()
        assert (after["status"], after["new"], after["duplicates"]) == ("done", new, 10_000 - new)
        assert calls.names.total() < most


def test_a_message_leaves_the_rest_to_the_next(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "WORK_SECONDS", 0.0)
    [statement] = upload(api, camt_of(month(70)))
    assert deliver_import(statement) == []
    assert api.get(f"/bank-statements/{statement['id']}").ok()["progress"] == {"done": 32, "total": 70}
    [step] = requested_steps(aws, IMPORT_REQUESTED)
    monkeypatch.undo()
    assert deliver_raw("import_bank_statement", step) == []
    assert api.get(f"/bank-statements/{statement['id']}").ok()["new"] == 70


def test_a_text_that_differs_by_its_format_is_suspect(api: Client) -> None:
    one = Month([Movement(DAY, Decimal("5.00"), "Rechnung 47", end_to_end_id="E-1")])
    imported(api, camt_of(one))
    other = one._replace(movements=[one.movements[0]._replace(text="RECHNUNG NR 47")])
    imported(api, csv_of(other), csv_profile=PROFILE, bank_account_id="main")
    [first] = [one for one in transactions(api) if one["suspect_of"] is None]
    [second] = [one for one in transactions(api) if one["suspect_of"] is not None]
    assert (second["suspect_of"], second["remittance"]) == (first["id"], "RECHNUNG NR 47")


def test_two_statements_at_once_book_an_entry_once(api: Client) -> None:
    [one] = upload(api, camt_of(month(3)))
    [other] = upload(api, mt940_of(month(4)))
    with meanwhile(lambda: deliver_import(other)):
        assert deliver_import(one) == []
    assert len(transactions(api)) == 4
    counts = [api.get(f"/bank-statements/{each['id']}").ok()["duplicates"] for each in (one, other)]
    assert counts == [3, 0]


def test_an_import_that_fails_again_and_again_can_be_repeated(api: Client) -> None:
    content = camt_of(month(2))
    [statement] = upload(api, content)
    assert deliver_import(statement, received=MOST_ATTEMPTS + 1) == []
    assert details("bank_statement.failed")
    failed = api.get(f"/bank-statements/{statement['id']}").ok()
    assert (failed["status"], failed["problems"][0]["code"]) == ("failed", "IMPORT_FAILED")
    upload(api, content, 200)
    assert deliver_import(statement) == []
    assert api.get(f"/bank-statements/{statement['id']}").ok()["status"] == "done"
