"""The local mailbox and the pages of the front."""

import base64
import html
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.exceptions import ClientError

from infra.local import deploy
from infra.local.ministack import Ministack, ministack
from infra.pages import PAGES, Page, headers
from invoicing.http.problems import type_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_PDF = b"%PDF-1.7 \x00\xff not much of one"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    with ministack(0, tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="module")
def ses(aws: Ministack) -> "SESV2Client":
    client = deploy.session().client("sesv2", endpoint_url=aws.url)
    client.create_email_identity(EmailIdentity="seller.example")
    return client


def _mails(aws: Ministack) -> list[dict[str, Any]]:
    answer = httpx.get(f"{aws.url}/mailbox", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    return list(answer.json()["data"])


def _send(ses: "SESV2Client", subject: str, text: str = "Hello") -> str:
    return ses.send_email(
        FromEmailAddress="billing@seller.example",
        Destination={"ToAddresses": ["buyer@example.com"]},
        Content={
            "Simple": {
                "Subject": {"Data": subject},
                "Body": {"Text": {"Data": text}},
                "Attachments": [
                    {"FileName": "Rechnung ä.pdf", "ContentType": "application/pdf", "RawContent": _PDF},
                ],
            }
        },
    )["MessageId"]


def test_an_e_mail_arrives_with_its_attachment(aws: Ministack, ses: "SESV2Client") -> None:
    sent = _send(ses, "Invoice 1")
    mail = next(mail for mail in _mails(aws) if mail["id"] == sent)
    assert (mail["sender"], mail["to"], mail["subject"]) == (
        "billing@seller.example",
        ["buyer@example.com"],
        "Invoice 1",
    )
    [attachment] = mail["attachments"]
    assert (attachment["name"], attachment["size"]) == ("Rechnung ä.pdf", len(_PDF))
    file = httpx.get(f"{aws.url}{attachment['url']}")
    assert file.content == _PDF
    assert file.headers["content-disposition"].startswith("attachment;")


def test_a_raw_message_arrives_with_its_attachment(aws: Ministack, ses: "SESV2Client") -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Räw", "billing@seller.example", "buyer@example.com"
    message.set_content("The text")
    message.add_attachment(_PDF, maintype="application", subtype="pdf", filename="invoice.pdf")
    sent = ses.send_email(
        FromEmailAddress="billing@seller.example",
        Destination={"ToAddresses": ["buyer@example.com"]},
        Content={"Raw": {"Data": message.as_bytes()}},
    )["MessageId"]
    mail = next(mail for mail in _mails(aws) if mail["id"] == sent)
    assert (mail["subject"], mail["text"].strip()) == ("Räw", "The text")
    assert httpx.get(f"{aws.url}{mail['attachments'][0]['url']}").content == _PDF


def test_the_page_shows_foreign_input_as_text(aws: Ministack, ses: "SESV2Client") -> None:
    _send(ses, "<script>alert(1)</script>", "<img src=x onerror=alert(2)>")
    page = httpx.get(f"{aws.url}/mailbox", headers={"Accept": "text/html"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_the_page_shows_text_and_html_and_runs_no_script(aws: Ministack, ses: "SESV2Client") -> None:
    markup = '<p class="a">Guten Tag</p><script>alert(3)</script><img src="https://tracker.example/x">'
    ses.send_email(
        FromEmailAddress="billing@seller.example",
        ReplyToAddresses=["office@seller.example"],
        Destination={"ToAddresses": ["a@b.example"], "CcAddresses": ["c@b.example"], "BccAddresses": ["d@b.example"]},
        Content={"Simple": {"Subject": {"Data": "Two"}, "Body": {"Text": {"Data": "<Tag>"}, "Html": {"Data": markup}}}},
    )
    page = httpx.get(f"{aws.url}/mailbox").text
    assert "<pre>&lt;Tag&gt;</pre>" in page
    assert f'<iframe sandbox srcdoc="{html.escape(markup)}"></iframe>' in page
    assert "<script" not in page
    assert "<img" not in page
    for head in ("To: a@b.example", "Cc: c@b.example", "Bcc: d@b.example", "Reply to: office@seller.example"):
        assert head in page


def test_mails_that_ses_refuses_do_not_arrive(aws: Ministack, ses: "SESV2Client") -> None:
    before = len(_mails(aws))
    with pytest.raises(ClientError):
        ses.send_email(
            FromEmailAddress="billing@seller.example",
            Destination={"ToAddresses": ["buyer@example.com"]},
            Content={"Template": {"TemplateName": "missing", "TemplateData": "{}"}},
        )
    assert len(_mails(aws)) == before


def test_an_unknown_attachment_is_not_found(aws: Ministack) -> None:
    assert httpx.get(f"{aws.url}/mailbox/nothing/0").status_code == 404


def test_the_documentation_loads_nothing_from_the_network(aws: Ministack) -> None:
    page = httpx.get(f"{aws.url}/v1/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    for file in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        assert httpx.get(page.url.join(file)).status_code == 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_each_page_is_served_and_cached(page: Page, aws: Ministack) -> None:
    # The first page needs all functions, which takes a while on a busy machine.
    served = httpx.get(f"{aws.url}/v1{page.path}", timeout=120)
    assert (served.status_code, served.text) == (200, page.text())
    assert served.headers["content-type"] == page.media_type
    assert {name: served.headers[name] for name in headers()} == headers()
    again = httpx.get(served.url, headers={"If-None-Match": served.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_url_of_an_error_leads_to_its_place(aws: Ministack) -> None:
    url = httpx.URL(f"{aws.url}/v1/invoices").join(type_of("INVALID_STATE"))
    found = httpx.get(url, follow_redirects=True, timeout=120)
    assert str(found.url) == f"{aws.url}/v1/errors#INVALID_STATE"
    assert '<section id="INVALID_STATE">' in found.text


def test_everything_else_is_aws(aws: Ministack) -> None:
    sqs = deploy.session().client("sqs", endpoint_url=aws.url)
    queue = sqs.create_queue(QueueName="any")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=base64.b64encode(_PDF).decode())
    assert base64.b64decode(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]) == _PDF


def test_the_mailbox_of_a_new_stack_is_empty(tmp_path: Path) -> None:
    with ministack(0, tmp_path) as fresh:
        assert _mails(fresh) == []
