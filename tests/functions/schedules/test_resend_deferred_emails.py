"""Every five minutes: e-mails that SES did not accept are sent once SES accepts e-mails again"""

import json
from datetime import timedelta
from typing import Any

import pytest

from invoicing.aws import email, parameters
from invoicing.aws.clients import client
from invoicing.mail.model import GIVE_UP_AFTER, RETRY_AFTER
from tests.aws import AwsCalls, called_by
from tests.aws_events import LOST, NOT_SENT, client_error
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.events import deliver, details, function
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent
from tests.world import render

QUOTA = "Daily message quota exceeded."
RATE = "Maximum sending rate exceeded."


def answer(code: str, message: str = "") -> Exception:
    return client_error("SendEmail", 400, code, Error={"Code": code, "Message": message})


class Ses:
    """SES that responds with an error to mails from the n-th on, except those to `open_to`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = None
        self.only_to: str | None = None
        self.asked = 0
        self._takes = client("sesv2").send_email
        patch.setattr(client("sesv2"), "send_email", self._send)

    def _send(self, **asked: Any) -> Any:
        self.asked += 1
        if self.error is not None and self.only_to in (None, *asked["Destination"]["ToAddresses"]):
            raise self.error
        return self._takes(**asked)


@pytest.fixture
def ses(requested: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Ses:
    """SES whose responses a test defines."""
    return Ses(monkeypatch)


def resend() -> None:
    with called_by("resend_deferred_emails"):
        function("resend_deferred_emails").declaration({}, None)


def entries(api: Client, requested: dict[str, Any], key: str = "ERROR_MAIL") -> list[dict[str, Any]]:
    path = f"/invoices/{requested['resource']['id']}/comments?action_key={key}"
    found: list[dict[str, Any]] = api.get(path).ok()["data"]
    return found


def another(api: Client, at: Clock, address: str) -> dict[str, Any]:
    """The event that requests a mail to this address."""
    customer = api.post("/customers", customer_json(emails=[address])).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    render(api.tenant_id, issued, at.now)
    api.post(f"/invoices/{draft}/send").ok(202)
    return next(one for one in details("email.requested") if one["resource"]["id"] == draft)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ThrottlingException", QUOTA),
        ("LimitExceededException", ""),
        ("TooManyRequestsException", RATE),
        ("AccountSuspendedException", "Account is suspended."),
        ("SendingPausedException", "Email sending is disabled."),
        ("AccessDeniedException", "not authorized to perform ses:SendEmail"),
    ],
)
def test_a_mail_waits_until_ses_accepts_it_and_is_sent_once(
    api: Client, requested: dict[str, Any], ses: Ses, aws: AwsCalls, at: Clock, code: str, message: str
) -> None:
    ses.error = answer(code, message)
    # The queue has no message left: nothing goes to the dead-letter queue, even after a long wait.
    for _ in range(12):
        assert deliver("send_email", requested) == []
    for _ in range(20):
        at.now += timedelta(hours=1)
        resend()
    [entry] = entries(api, requested)
    assert (entry["type"], entry["metadata"]["reason"]) == ("deferred", code)
    assert entry["metadata"].get("message", "") == message
    assert sent(aws) == []
    ses.error = None
    at.now += RETRY_AFTER * 2
    for _ in range(3):
        resend()
        assert deliver("send_email", requested) == []
    assert len(sent(aws)) == len(details("email.sent")) == len(details("invoice.sent")) == 1


def test_nothing_is_tried_before_its_time(requested: dict[str, Any], ses: Ses, at: Clock) -> None:
    ses.error = answer("TooManyRequestsException", RATE)
    deliver("send_email", requested)
    at.now += RETRY_AFTER - timedelta(seconds=1)
    resend()
    assert ses.asked == 1


def test_one_attempt_per_run_while_the_quota_is_used_up(
    api: Client, requested: dict[str, Any], ses: Ses, at: Clock
) -> None:
    waiting = [requested, *(another(api, at, f"a{number}@b.example") for number in range(3))]
    ses.error = answer("ThrottlingException", QUOTA)
    assert deliver("send_email", *waiting) == []
    before = ses.asked
    at.now += RETRY_AFTER * 2
    resend()
    assert ses.asked == before + 1


def test_a_mail_that_ses_refuses_delays_no_other(
    api: Client, requested: dict[str, Any], ses: Ses, aws: AwsCalls, at: Clock
) -> None:
    other = another(api, at, "a@b.example")
    ses.error = answer("AccessDeniedException")
    deliver("send_email", requested, other)
    ses.only_to = "einkauf@suess.example"
    at.now += RETRY_AFTER * 2
    resend()
    assert [mail["Destination"]["ToAddresses"] for mail in sent(aws)] == [["a@b.example"]]


def test_a_mail_that_cannot_be_sent_delays_no_other(
    api: Client, requested: dict[str, Any], ses: Ses, aws: AwsCalls, at: Clock
) -> None:
    other = another(api, at, "a@b.example")
    ses.error = answer("ThrottlingException", QUOTA)
    deliver("send_email", requested, other)
    ses.error, ses.only_to = NOT_SENT, "einkauf@suess.example"
    at.now += RETRY_AFTER * 2
    with pytest.raises(ExceptionGroup):
        resend()
    assert [mail["Destination"]["ToAddresses"] for mail in sent(aws)] == [["a@b.example"]]
    ses.error = None
    resend()
    assert len(sent(aws)) == 2


def test_a_mail_with_unknown_outcome_is_not_sent_twice(
    requested: dict[str, Any], ses: Ses, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ses.error = answer("ThrottlingException", QUOTA)
    deliver("send_email", requested)
    ses.error = None
    with monkeypatch.context() as broken:
        takes = email.send

        def lost(*args: Any, **kwargs: Any) -> str:
            takes(*args, **kwargs)
            raise LOST

        broken.setattr(email, "send", lost)
        at.now += RETRY_AFTER * 2
        with pytest.raises(ExceptionGroup):
            resend()
    at.now += RETRY_AFTER
    resend()
    assert len(sent(aws)) == 1
    deliver_ses_event("Send", sent(aws)[0], "0100-a")
    at.now += timedelta(hours=1)
    resend()
    assert len(sent(aws)) == len(details("email.sent")) == 1


def test_a_mail_that_waited_for_days_fails_with_the_text_of_ses(
    api: Client, requested: dict[str, Any], ses: Ses, at: Clock
) -> None:
    ses.error = answer("AccountSuspendedException", "Account is suspended.")
    deliver("send_email", requested)
    at.now += GIVE_UP_AFTER
    resend()
    [failed] = [one for one in entries(api, requested) if one["type"] == "failed"]
    assert (failed["metadata"]["reason"], failed["metadata"]["message"]) == (
        "AccountSuspendedException",
        "Account is suspended.",
    )
    at.now += timedelta(days=1)
    resend()
    assert ses.asked == 2


@pytest.mark.parametrize(
    ("placeholder", "event", "status"), [("link", "invoice.link_created", 302), ("page", "page_link.created", 200)]
)
def test_only_the_link_that_was_sent_is_in_the_timeline(
    api: Client,
    requested: dict[str, Any],
    ses: Ses,
    aws: AwsCalls,
    at: Clock,
    placeholder: str,
    event: str,
    status: int,
) -> None:
    invoice = requested["resource"]["id"]
    deliver("send_email", requested)
    api.post(f"/invoices/{invoice}/send", {"message": f"Bitte: {{{placeholder}}}"}).ok(202)
    [linked] = [one for one in details("email.requested") if one["id"] != requested["id"]]
    ses.error = answer("ThrottlingException", QUOTA)
    deliver("send_email", linked)
    first = len(details(event))
    assert first == (event == "page_link.created")  # Of the mail before it.
    parameters.forget()  # The schedule has a worker of its own.
    for _ in range(3):
        at.now += RETRY_AFTER * 2
        resend()
    assert len(details(event)) == first
    ses.error = None
    at.now += RETRY_AFTER * 2
    resend()
    assert len(details(event)) == first + 1
    url = next(line for line in sent(aws)[-1]["Content"]["Simple"]["Body"]["Text"]["Data"].split() if "://" in line)
    assert Client(None).get(url.partition("/v1")[2]).status == status


def test_a_text_that_gets_links_while_its_mail_waits_has_them(
    api: Client, rendered: dict[str, Any], ses: Ses, aws: AwsCalls, at: Clock
) -> None:
    api.patch("/tenant", {"email_texts": {"de": {"text": "Anbei."}}}).ok()
    api.post(f"/invoices/{rendered['id']}/send").ok(202)
    ses.error = answer("ThrottlingException", QUOTA)
    deliver("send_email", details("email.requested")[-1])
    api.patch("/tenant", {"email_texts": {"de": {"text": "{page} {link}"}}}).ok()
    parameters.forget()
    ses.error = None
    at.now += RETRY_AFTER * 2
    resend()
    urls = sent(aws)[-1]["Content"]["Simple"]["Body"]["Text"]["Data"].split()[:2]
    assert [Client(None).get(url.partition("/v1")[2]).status for url in urls] == [200, 302]


def test_mails_that_keep_waiting_are_counted_for_an_alarm(
    requested: dict[str, Any], ses: Ses, at: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    ses.error = answer("ThrottlingException", QUOTA)
    deliver("send_email", requested)
    at.now += RETRY_AFTER * 2
    capsys.readouterr()
    resend()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [counted] = [line for line in lines if "DeferredEmails" in line]
    assert (counted["DeferredEmails"], counted["reason"], counted["message"]) == ([1], "ThrottlingException", QUOTA)
