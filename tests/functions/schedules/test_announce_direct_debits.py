"""Each hour, for each tenant: direct debits are announced in time, by the invoice itself or by one mail."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.model import LANGUAGES
from invoicing.documents.texts.debits import DEBIT_MAILS
from tests.aws import AwsCalls
from tests.collection import CREDITOR_ID, IBAN, debited, method_json
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.faults.deaths import Moment, strike_through_a_death
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, over_quota, sent

# Issued on 10 March and due on the 24th. The next day begins in Berlin at 23:00 UTC.
NEXT_DAY = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)


def run(api: Client) -> list[dict[str, Any]]:
    """The announcements after a run."""
    assert strike("announce_direct_debits", api.tenant_id) == []
    return list(details("collection.announced"))


def collection(api: Client, invoice: dict[str, Any]) -> Any:
    return api.get(f"/invoices/{invoice['id']}").ok()["collection"]


def test_an_issued_invoice_names_the_mandate_of_its_customer(api: Client) -> None:
    issued = debited(api)
    mandate = {"reference": "M-1", "iban": IBAN, "signed_on": "2026-03-01"}
    assert (issued["mandate"], issued["pay_by"]["mandate"]) == (mandate, mandate)
    notice = issued["collection"]["notice"]
    named = {"mandate_reference": "M-1", "creditor_id": CREDITOR_ID, "amount": "119.00", "collected_on": "2026-03-24"}
    assert notice == {**notice, **named, "announced_at": None}


def test_an_invoice_that_was_sent_announces_its_debit(api: Client, at: Clock) -> None:
    issued = debited(api)
    assert run(api) == []
    api.post(f"/invoices/{issued['id']}/send", {"channel": "letter"}).ok(202)
    for hours in (12, 36, 24 * 13):
        at.now += timedelta(hours=hours)
        assert run(api) == []


def test_a_mail_announces_a_debit_once(api: Client, at: Clock, aws: AwsCalls) -> None:
    issued = debited(api)
    at.now = NEXT_DAY - timedelta(minutes=1)
    assert run(api) == []
    at.now = NEXT_DAY
    [event] = run(api)
    about = {"mandate_reference": "M-1", "amount": "119.00", "collected_on": "2026-03-25"}
    assert event["data"]["details"] == {**event["data"]["details"], **about}
    for _ in range(3):
        at.now += timedelta(hours=20)
        assert run(api) == [event]
    assert deliver("send_email", event) == []
    assert deliver("send_email", event) == []
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    subject = f"Rechnung {issued['number']} von Nordlicht Werkzeuge GmbH: Lastschrift am 25.03.2026"
    assert content["Subject"]["Data"] == subject
    text = content["Body"]["Text"]["Data"]
    for fact in ("119,00\xa0€", "am 25.03.2026", "DE02…2051", "Mandat: M-1", f"Gläubiger-ID: {CREDITOR_ID}"):
        assert fact in text
    assert IBAN not in text
    invoice = api.get(f"/invoices/{issued['id']}").ok()
    assert (invoice["sent_at"], invoice["version"]) == (None, issued["version"])


def test_a_mandate_that_the_invoice_lacks_is_announced(api: Client, at: Clock) -> None:
    issued = debited(api, terms=30)
    path = f"/customers/{issued['customer_id']}/payment-methods"
    [first] = api.get(path).ok()["data"]
    api.delete(f"{path}/{first['id']}").ok()
    at.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert run(api) == []
    api.post(path, method_json("M-2")).ok(201)
    given = {"method": "sepa_direct_debit", "mandate": {"reference": "M-2"}}
    api.put(f"/invoices/{issued['id']}/payment-method", given).ok()
    [event] = run(api)
    about = {"mandate_reference": "M-2", "collected_on": "2026-04-15"}
    assert event["data"]["details"] == {**event["data"]["details"], **about}


def test_a_lost_mail_is_repeated_on_the_next_day(api: Client, at: Clock) -> None:
    issued = debited(api)
    at.now = NEXT_DAY
    [event] = run(api)
    deliver_ses_event("Send", as_asked(event), "one")
    deliver_ses_event("Bounce", as_asked(event), "one", bounced=event_recipients(api, issued))
    assert collection(api, issued)["notice"]["lost"] is True
    emails = {"emails": ["neu@werft.example"]}
    api.patch(f"/customers/{issued['customer_id']}", emails).ok()
    assert run(api) == [event]
    at.now += timedelta(days=1)
    [_, second] = run(api)
    assert second["data"]["details"]["collected_on"] == "2026-03-26"
    assert collection(api, issued)["notice"]["lost"] is False


def event_recipients(api: Client, issued: dict[str, Any]) -> list[str]:
    return list(api.get(f"/customers/{issued['customer_id']}").ok()["emails"])


def test_a_debit_that_is_no_longer_needed_is_not_announced(
    api: Client, at: Clock, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = debited(api)
    at.now = NEXT_DAY
    [event] = run(api)
    with monkeypatch.context() as full:
        full.setattr(client("sesv2"), "send_email", over_quota)
        assert deliver("send_email", event) == []
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00", "date": "2026-03-10"}).ok(201)
    assert deliver("send_email", event) == []
    assert sent(aws) == []


@pytest.mark.parametrize(
    "fields", [{"payment_method": "bank_transfer"}, {"currency": "CHF"}, {"payment_terms": {"days": 30}}]
)
def test_other_invoices_are_not_announced(api: Client, at: Clock, fields: dict[str, Any]) -> None:
    debited(api, **fields)
    at.now = NEXT_DAY
    assert run(api) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_announces_once(api: Client, at: Clock, aws: AwsCalls, moment: Moment) -> None:
    debited(api)
    at.now = NEXT_DAY
    strike_through_a_death("announce_direct_debits", api.tenant_id, 8, moment, aws)
    assert len(run(api)) == 1


def test_each_language_has_the_same_facts() -> None:
    facts = [{*re.findall(r"{(\w+)}", " ".join(one))} for one in DEBIT_MAILS.values()]
    assert set(DEBIT_MAILS) == set(LANGUAGES)
    assert facts == [facts[0]] * len(LANGUAGES)
