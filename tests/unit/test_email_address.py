"""E-mail addresses: requests accept only those to which SES delivers."""

from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from invoicing.core.email_address import Email, mailbox
from invoicing.core.model import ENTERED

ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


@pytest.mark.parametrize(
    "address",
    [
        "buyer@example.com",
        "o'brien+tag@mail.example.co.uk",
        "a.b-c_d@xn--bcher-kva.example",
        "1@a-b.example",
        "x" * 64 + "@a.de",
    ],
)
def test_a_deliverable_address_stays_as_it_is(address: str) -> None:
    assert ADDRESS.validate_python(address, context=ENTERED) == address


@pytest.mark.parametrize(
    ("domain", "ascii_"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_an_international_domain_is_kept_in_punycode(domain: str, ascii_: str) -> None:
    assert ADDRESS.validate_python(f"info@{domain}", context=ENTERED) == f"info@{ascii_}"


@pytest.mark.parametrize(
    "address",
    [
        "müller@example.com", "a..b@example.com", ".a@example.com", "a.@example.com", "a@b", "a@-b.example",
        "a@b-.example", "a@b..example", "a@1.2.3.4", "@example.com", "a@", "a", "", "a b@example.com",
        "a@b@example.com", "Ada <ada@example.com>", "a@example.com,b@example.com", '"a"@example.com',
        "a@\u00ad.example", "x" * 65 + "@example.com", "a@" + "x" * 64 + ".example", "a@" + "x." * 130 + "de",
        "a@example.com\r\nBcc: b@c.de", "a@exa\u0020mple.com",
    ],
)  # fmt: skip
def test_addresses_that_ses_refuses_are_refused_with_a_reason(address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ADDRESS.validate_python(address, context=ENTERED)
    assert "[" not in refused.value.errors()[0]["msg"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_every_accepted_address_is_ascii(local: str, domain: str) -> None:
    try:
        address = ADDRESS.validate_python(f"{local}@{domain}", context=ENTERED)
    except ValidationError:
        return
    assert address.isascii()
    assert ADDRESS.validate_python(address, context=ENTERED) == address


def test_an_address_stored_before_the_rule_is_read() -> None:
    assert ADDRESS.validate_json('"müller@example.com"') == "müller@example.com"


@pytest.mark.parametrize(
    "name",
    ["Kontor Nord", 'Nord "A", (B) \\ <a@b.example>; c', "Süß & Söhne", "ß" * 100, "中" * 100, "=?utf-8?q?=41?="],
    ids=lambda name: f"{len(name)}-{name[0]}",
)
def test_a_name_is_read_back_from_the_header(name: str) -> None:
    header = mailbox(name, "billing@kontor.example")
    assert header.isascii()
    assert header.isprintable()
    written, address = parseaddr(header)
    assert address == "billing@kontor.example"
    assert str(make_header(decode_header(written))) == name
    assert max(map(len, header.split())) <= 75


def test_an_address_without_a_name_stays_alone() -> None:
    assert mailbox(None, "billing@kontor.example") == "billing@kontor.example"
