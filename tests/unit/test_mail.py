"""The text of mails as HTML."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.core.stored_file import content_disposition, document_name
from invoicing.mail.model import paragraphs

_HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Hier: https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("(siehe https://a.example/x_(y)).", "https://a.example/x_(y)"),
        ("\u201ehttps://a.example/x\u201c!", "https://a.example/x"),
        ('"https://a.example/x"', "https://a.example/x"),
        ("<https://a.example/x?a=1&b=2>", "https://a.example/x?a=1&b=2"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_an_address_in_a_text_ends_before_the_punctuation(text: str, url: str) -> None:
    shown = paragraphs(text)
    assert [html.unescape(found) for found in _HREF.findall(shown)] == [url]
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == text


def test_a_link_that_was_put_in_ends_where_it_ends() -> None:
    url = "https://a.example/d/t-_."
    shown = paragraphs(f"({url}), {url}x", {url})
    assert _HREF.findall(shown) == [url, url]


@given(st.text(alphabet="htps:/a.?&<>'\")(]\n *_;", max_size=60))
def test_no_text_is_lost_and_none_becomes_markup(text: str) -> None:
    whole = text.replace("\n", " ")
    shown = paragraphs(whole)
    assert html.unescape(re.sub(r"</?(?:p|a)(?: href=\"[^\"]*\")?>", "", shown)) == whole


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("FV/2026/004", "FV-2026-004.pdf"),
        ("INV-2026-000001", "INV-2026-000001.pdf"),
        ("../..", "document.pdf"),
        ("A B_1.2", "A B_1.2.pdf"),
        ("R\u00fc/1", "R\u00fc-1.pdf"),
    ],
)
def test_a_file_has_a_name_without_folders(number: str, name: str) -> None:
    assert document_name(number, "pdf") == name


def test_any_letter_reaches_the_browser() -> None:
    shown = content_disposition("attachment", 'R\u00fc"1.pdf')
    assert shown == "attachment; filename=\"R__1.pdf\"; filename*=UTF-8''R%C3%BC%221.pdf"
