"""POST /pages/{page_token}/renewals: hazard 17."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.aws import parameters
from invoicing.mail.table import count_mail
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.events import deliver, details
from tests.functions.invoice_pages.test_comment_on_page import submitted
from tests.functions.invoice_pages.test_open_page import page, text_of, token_of
from tests.gateway import Client, Response
from tests.mails import sent


def renewed(token: str, **fields: str) -> Response:
    parameters.forget()  # The worker is not the one that created the link.
    return submitted(token, "renewals", **fields)


def expired(api: Client, invoice: dict[str, Any], at: Clock) -> str:
    """The token of an expired link that no mail has."""
    token = token_of(api, invoice, expires_in=60)
    at.now += timedelta(seconds=60)
    return token


def use_up_the_limit(api: Client, at: Clock) -> None:
    """Send as many mails as the operator allows."""
    apply_operator_change(api.tenant_id, OperatorChange(daily_limit=1), at=at.now)
    count_mail(api.tenant_id, at.now, 1)


def recipients() -> list[list[str]]:
    """The recipients of the requested mails."""
    return [event["data"]["details"]["to"] for event in details("email.requested")]


def test_the_recipients_of_the_old_mail_get_a_new_link(
    api: Client, rendered: dict[str, Any], aws: AwsCalls, at: Clock
) -> None:
    asked = {"to": ["ap@suess.example"], "cc": ["boss@suess.example"], "message": "{page}", "attach_pdf": False}
    api.post(f"/invoices/{rendered['id']}/send", asked).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    [old] = re.findall(r"/pages/([\w-]{43})", sent(aws)[0]["Content"]["Simple"]["Body"]["Text"]["Data"])
    at.now += timedelta(days=180)
    [button] = re.findall(r'action="([^"]+)"', page(old).text)
    assert button == f"./{old}/renewals"
    answer = renewed(old)
    assert (answer.status, "a new link is on its way" in text_of(answer)) == (202, True)
    assert recipients()[1:] == [["ap@suess.example"]]
    assert deliver("send_email", details("email.requested")[-1]) == []
    mail = sent(aws)[-1]
    assert list(chain(*mail["Destination"].values())) == ["ap@suess.example"]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == f"Neuer Link: Rechnung {rendered['number']} von Nordlicht Werkzeuge GmbH"
    [new] = re.findall(r"/pages/([\w-]{43})", content["Body"]["Text"]["Data"])
    assert rendered["number"] in text_of(page(new))
    assert page(old).status == 410


def test_a_link_without_a_mail_is_renewed_for_the_customer(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = expired(api, issued, at)
    assert renewed(token).status == 202
    customer = api.get(f"/customers/{issued['customer_id']}").ok()
    assert recipients() == [customer["emails"]]


@pytest.mark.parametrize("why", ["sent", "tenant", "no sender", "no address", "erased", "link"])
def test_the_answer_does_not_show_whether_a_mail_is_sent(
    api: Client, issued: dict[str, Any], at: Clock, why: str
) -> None:
    token = expired(api, issued, at)
    customer = f"/customers/{issued['customer_id']}"
    changes: dict[str, Callable[[], object]] = {
        "sent": lambda: None,
        "tenant": lambda: use_up_the_limit(api, at),
        "no sender": lambda: api.patch("/tenant", {"email_sender": None}).ok(),
        "no address": lambda: api.patch(customer, {"emails": []}).ok(),
        "erased": lambda: api.post(f"{customer}/erase").ok(),
        "link": lambda: renewed(token),
    }
    changes[why]()
    before = len(recipients())
    answer = renewed(token)
    assert len(recipients()) - before == (why == "sent")
    assert answer.status == 202
    assert text_of(answer) == (
        "Please check your mailbox If the document was sent by e-mail, a new link is on its way to the same address. "
        "If nothing arrives, please contact the sender of the document."
    )


def test_a_link_is_renewed_three_times_a_day(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = expired(api, issued, at)
    for _ in range(5):
        at.now += timedelta(minutes=6)
        for _ in range(2):
            renewed(token)
    assert len(recipients()) == 3
    at.now += timedelta(days=1)
    renewed(token)
    assert len(recipients()) == 4


def test_no_address_of_the_request_gets_a_mail(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = expired(api, issued, at)
    for name in ("to", "email", "cc", "bcc"):
        assert renewed(token, **{name: "thief@evil.test"}).status == 400
    assert recipients() == []


def test_a_link_that_works_is_not_renewed(api: Client, issued: dict[str, Any]) -> None:
    assert renewed(token_of(api, issued)).status == 202
    assert recipients() == []


def test_only_the_page_itself_renews_its_link(api: Client, issued: dict[str, Any], at: Clock) -> None:
    token = expired(api, issued, at)
    assert renewed(token, origin="https://evil.test").status == 403
    assert renewed(token, form_token="x").status == 403
    assert renewed("a" * 43).status == 404
    assert recipients() == []
