"""Texts that attack a format reach PDF, XML and mail as text: nothing is interpreted, nothing gets lost."""

from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any

import pytest
from lxml import etree

from invoicing.core.model import clean
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json
from tests.events import deliver, details
from tests.gateway import Client
from tests.mails import sent
from tests.xss import VECTORS

INJECTION = "x\r\nBcc: evil@example.com\r\n\r\n<b>y</b>"
HOSTILE = [
    "]]><x/>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "&lol9; &#0; &#x0; &amp;amp;",
    "<?xml-stylesheet href='x'?>",
    "<!-- -- -->",
    "a\u202egpj.exe\u202c b\u2066c\u2069",
    "\u05e9\u05dc\u05d5\u05dd 123 \u0645\u0631\u062d\u0628\u0627",
    "a\x00b\x08c\x1bd\x85e",
    f"Z{'\u0301\u0316\u0345' * 60}",
    INJECTION,
    "=?utf-8?q?=0D=0ABcc:_evil=40example.com?=",
    "=cmd|' /C calc'!A0",
    '@SUM(1+1)*"x"',
    '#eval(read("/etc/passwd")) $x$ \\u{41} @label <label> `raw`',
    "{total} {0} {{n}} %s %(x)s ${x}",
    VECTORS[0],
]
"""Ends of XML sections and entities, bidirectional controls, control characters, marks, headers, formulas."""
UNPRINTABLE = [
    "👩\u200d👩\u200d👧\u200d👦",
    "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "\ufdd0",
    "\U0001fffe",
    "\ue000",
]
"""Emoji and characters that no font of the documents has."""
NAMES = {
    "zugferd": "//{*}SpecifiedTradeProduct/{*}Name",
    "xrechnung_ubl": "//{*}InvoiceLine/{*}Item/{*}Name",
}
"""The names of items in each syntax of e-invoices."""


@pytest.fixture
def hostile(api: Client, einvoicing: None) -> dict[str, Any]:
    """An issued invoice with each of the texts as an item, sent with them in the mail."""
    customer = api.post("/customers", customer_json(name=INJECTION)).ok(201)["id"]
    lines = [line_json(name=text, description=text) for text in HOSTILE]
    texts = {"buyer_reference": "K-1", "title": INJECTION, "note": "\n".join(HOSTILE), "introduction": HOSTILE[1]}
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=lines, **texts)).ok(201)
    issued: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert deliver("render_document", *details("invoice.finalized")) == []
    return issued


def as_one_line(text: str) -> str:
    return " ".join(clean(text).split())


@pytest.mark.parametrize("format_", NAMES)
def test_hostile_texts_are_text_in_xml(api: Client, hostile: dict[str, Any], format_: str) -> None:
    answer = api.get(f"/invoices/{hostile['id']}/xml?format={format_}")
    assert answer.status == 200, answer.text
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(answer.text.encode("latin-1"), parser)
    assert [name.text for name in root.findall(f".{NAMES[format_]}")] == [as_one_line(text) for text in HOSTILE]
    document = root.getroottree().docinfo
    assert not document.doctype
    assert not root.xpath("//processing-instruction() | //comment()")


def test_a_mail_of_hostile_texts_runs_and_adds_nothing(api: Client, hostile: dict[str, Any], aws: AwsCalls) -> None:
    message = {"subject": INJECTION, "message": "\n".join(HOSTILE), "to": ["buyer@example.com"]}
    api.post(f"/invoices/{hostile['id']}/send", message).ok(202)
    assert deliver("send_email", *details("email.requested")) == []
    [mail] = sent(aws)
    assert [address for addresses in mail["Destination"].values() for address in addresses] == ["buyer@example.com"]
    subject = mail["Content"]["Simple"]["Subject"]["Data"]
    assert SMTP.header_store_parse("Subject", subject) == ("Subject", subject)
    assert subject.isprintable()
    html = mail["Content"]["Simple"]["Body"].get("Html", {"Data": ""})["Data"]
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)

    Reader().feed(html)
    assert not tags & {"script", "x", "b", "label", "img"}
    text = mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert HOSTILE[0] in text
    [file] = [one["RawContent"] for one in mail["Content"]["Simple"]["Attachments"] if one["FileName"].endswith(".pdf")]
    assert file.startswith(b"%PDF")
    assert not [name for name in (b"/JavaScript", b"/Launch", b"/OpenAction", b"/SubmitForm") if name in file]


@pytest.mark.parametrize("text", UNPRINTABLE, ids=ascii)
def test_a_text_that_no_font_has_uses_no_number(api: Client, text: str) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=[line_json(name=text)])).ok(201)
    refused = api.post(f"/invoices/{draft['id']}/finalize")
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("NOT_PRINTABLE", "/lines/0/name")


@pytest.mark.parametrize("surrogate", [rb"\ud800", rb"\udfff", rb"\ude00\ud83d"])
def test_a_lone_surrogate_is_refused_in_any_text(api: Client, surrogate: bytes) -> None:
    body = b'{"currency": "EUR", "note": "a%sb"}' % surrogate
    answer = api.post("/invoices", raw=body)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "")
