"""Any form with any names and HTML gets a response of the contract, 2xx or 4xx."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from invoicing.notes.files import safe_name
from tests.contract.conftest import Companies
from tests.forms import GOOD, form
from tests.gateway import Client
from tests.harmless import require_harmless, require_inert
from tests.xss import VECTORS

PIECES = st.sampled_from(
    [b"--b", b"--b--", b"\r\n", b"\n", b"\r", b"\0", b'"', b";", b":", b"\\", b"\xff\xfe", b"\xf0\x9f\x99\x82", b"=",
     b'Content-Disposition: form-data; name="note"', b'Content-Disposition: form-data; name="file"; filename="a.pdf"',
     b"Content-Type: application/pdf", b"Content-Transfer-Encoding: base64", b"filename*=utf-8''%e2", b" ", b"%PDF-",
     b"x" * 9_000]
)  # fmt: skip
CONTENT_TYPES = st.sampled_from(
    ["multipart/form-data; boundary=b", 'multipart/form-data; boundary="b"', "multipart/form-data", "multipart/mixed",
     "multipart/form-data; boundary=\u00fc", "multipart/form-data; charset=utf-16; boundary=b", "application/json", ""]
)  # fmt: skip


@st.composite
def damaged(draw: DrawFn) -> tuple[bytes, str]:
    """A valid form with other values in some places."""
    name, content, media_type = draw(st.sampled_from(GOOD))
    body, content_type = form({"note": draw(st.text(max_size=20))}, [(name, content, media_type)])
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(PIECES | st.binary(max_size=3)) + body[place + draw(st.integers(0, 9)) :]
    return body, content_type


PIECED = st.tuples(st.lists(PIECES, max_size=14).map(b"".join), CONTENT_TYPES)
ANY_HTML = st.lists(st.sampled_from(VECTORS) | st.text(max_size=12), max_size=4).map("".join)


@pytest.fixture(scope="module")
def notes(companies: Companies) -> tuple[Client, str]:
    """A client, and the path of an invoice's notes."""
    return companies.ours.client, f"/invoices/{companies.ours['invoice_id']}/notes"


def require_a_note(note: Any) -> None:
    """Accepted input is shown without running scripts, under names that are special to no system."""
    require_inert(note["html"] or "")
    for file in note["files"]:
        require_harmless(file["name"])


@settings(max_examples=150)
@given(damaged() | PIECED)
def test_any_form_gets_a_response_of_the_contract(notes: tuple[Client, str], sent: tuple[bytes, str]) -> None:
    client, path = notes
    body, content_type = sent
    answer = client.post(path, raw=body, headers={"Content-Type": content_type})
    assert answer.status == 201 or 400 <= answer.status < 500
    if answer.status == 201:
        require_a_note(answer.json)


@settings(max_examples=60)
@given(ANY_HTML, st.text(max_size=40))
def test_any_html_and_any_name_is_kept_harmless_or_refused(
    notes: tuple[Client, str], html: str, file_name: str
) -> None:
    client, path = notes
    name = re.sub(r'[\r\n"\ud800-\udfff]', "", file_name) + ".pdf"
    body, content_type = form({"note": html}, [(name, b"%PDF-1.7", "application/pdf")])
    answer = client.post(path, raw=body, headers={"Content-Type": content_type})
    assert answer.status in (201, 400, 415), answer.text
    if answer.status == 201:
        require_a_note(answer.json)


@given(st.text(max_size=400))
def test_any_file_name_becomes_harmless_and_then_stays(given_name: str) -> None:
    name = safe_name(given_name)
    require_harmless(name)
    assert safe_name(name) == name
