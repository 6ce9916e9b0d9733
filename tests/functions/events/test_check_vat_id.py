"""customer.created, customer.updated → the check of the VAT id in VIES, which is a server on loopback here"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from invoicing import config
from invoicing.customers import vies
from tests.aws import AwsCalls
from tests.events import details
from tests.faults.deaths import Moment, dies_at
from tests.gateway import Client
from tests.servers import Server
from tests.vies import ID, answer, check, create, known, problem, register_in


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """VIES, without any answer so far."""
    with register_in(monkeypatch) as server:
        yield server


def test_result_and_date_are_stored_on_the_customer(api: Client, register: Server) -> None:
    register.answers = [answer(name="Suess GmbH", address="Markt 9\n04109 Leipzig", requestIdentifier="WAPI0001")]
    customer = create(api)
    assert customer["vat_check"] is None
    for _ in range(3):
        assert check() == []
    assert known(api, customer) == {
        "vat_id": ID,
        "status": "valid",
        "checked_at": "2026-03-10T12:00:00.000Z",
        "name": "Suess GmbH",
        "address": "Markt 9\n04109 Leipzig",
        "consultation_number": "WAPI0001",
        "attempts": 0,
        "retry_at": None,
    }
    [asked] = map(json.loads, register.asked)
    own = api.get("/tenant").ok()["vat_id"]
    assert asked == {
        "countryCode": "DE",
        "vatNumber": "123456788",
        "requesterMemberStateCode": own[:2],
        "requesterNumber": own[2:],
    }
    assert register.lines == ["POST /check-vat-number"]
    assert [one["data"]["details"] for one in details("customer.vat_id_checked")] == [{"valid": True}]
    assert api.get(f"/customers/{customer['id']}").ok()["version"] == customer["version"]


def test_an_invalid_id_is_recorded_without_registered_data(api: Client, register: Server) -> None:
    register.answers = [answer(valid=False)]
    customer = create(api)
    assert check() == []
    found = known(api, customer)
    assert (found["status"], found["name"], found["consultation_number"]) == ("invalid", None, None)


def test_a_server_that_is_silent_or_absent_gives_no_result(
    api: Client, register: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vies, "_TIMEOUT", 0.05)
    register.answers = [lambda _: time.sleep(0.2)]
    silent = create(api)
    assert check() == []
    monkeypatch.setattr(config, "vies_url", lambda: "http://127.0.0.1:9")
    absent = create(api, name="Absent")
    assert check() == []
    assert [known(api, one)["status"] for one in (silent, absent)] == ["pending", "pending"]


def test_another_id_is_checked_again(api: Client, register: Server) -> None:
    register.answers = [answer(valid=False), answer("ATU12345675")]
    customer = create(api)
    assert check() == []
    path = f"/customers/{customer['id']}"
    api.patch(path, {"phone": "+49 341 1"}).ok()
    assert check() == []
    assert known(api, customer)["status"] == "invalid"
    assert api.patch(path, {"tax_id": "ATU12345675"}).ok()["vat_check"] is None
    assert check() == []
    assert (known(api, customer)["vat_id"], known(api, customer)["status"]) == ("ATU12345675", "valid")
    api.patch(path, {"tax_id": None}).ok()
    assert check() == []
    assert known(api, customer) is None
    assert len(register.asked) == 2


def test_an_answer_about_an_old_id_is_not_stored(api: Client, register: Server) -> None:
    customer = create(api)

    def changed_meanwhile(handler: Any) -> None:
        api.patch(f"/customers/{customer['id']}", {"tax_id": "ATU12345675"}).ok()
        answer(valid=False)(handler)

    register.answers = [changed_meanwhile]
    assert check("customer.created") == []
    assert known(api, customer) is None
    register.answers = [answer("ATU12345675")]
    assert check("customer.updated") == []
    assert known(api, customer)["vat_id"] == "ATU12345675"


@pytest.mark.parametrize(
    ("tax_id", "asked"),
    [("GR094259216", "EL094259216"), ("EL094259216", "EL094259216"), ("XI123456782", "XI123456782")],
)
def test_prefixes_are_those_of_vies(api: Client, register: Server, tax_id: str, asked: str) -> None:
    register.answers = [answer(asked)]
    customer = create(api, tax_id=tax_id)
    assert check() == []
    assert (known(api, customer)["vat_id"], known(api, customer)["status"]) == (asked, "valid")


@pytest.mark.parametrize("tax_id", ["GB123456789", "CHE-123.456.788 MWST", "NO123456785MVA", None])
def test_other_ids_are_not_sent(api: Client, register: Server, tax_id: str | None) -> None:
    customer = create(api, tax_id=tax_id)
    assert check() == []
    assert (known(api, customer), register.came) == (None, 0)


def test_a_refused_requester_is_left_out(api: Client, register: Server) -> None:
    register.answers = [problem("INVALID_REQUESTER_INFO", 400), answer()]
    customer = create(api)
    assert check() == []
    assert known(api, customer)["status"] == "valid"
    assert "requesterNumber" not in json.loads(register.asked[1])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_records_one_result(api: Client, register: Server, aws: AwsCalls, moment: Moment) -> None:
    register.answers = [answer(), answer()]
    customer = create(api)
    with dies_at("TransactWriteItems", moment, aws):
        check()
    assert check() == []
    assert known(api, customer)["status"] == "valid"
    assert len(details("customer.vat_id_checked")) == 1


def test_deleted_and_erased_customers_are_not_checked(api: Client, register: Server) -> None:
    deleted, erased, checked = create(api), create(api, name="Zwei"), create(api, name="Drei")
    api.delete(f"/customers/{deleted['id']}").ok(204)
    api.post(f"/customers/{erased['id']}/erase", raw=b"").ok()
    register.answers = [answer(name="Suess GmbH")]
    assert check() == []
    assert len(register.asked) == 1
    assert known(api, checked)["name"] == "Suess GmbH"
    assert api.post(f"/customers/{checked['id']}/erase", raw=b"").ok()["vat_check"] is None
