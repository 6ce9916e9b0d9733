"""The characters of SEPA files."""

# ruff: noqa: RUF001 — the letters of other alphabets are meant.

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.collection.alphabet import NOT_PROVIDED, written
from invoicing.core.identifiers import is_bank_reference

GERMAN = "üöäÜÖÄß&*$%"


@pytest.mark.parametrize(
    ("text", "basic"),
    [
        ("ÄÖÜäöüß", "AeOeUeaeoeuess"),
        ("a#_<&*b", "a b"),
        ("Aimée Nuñez", "Aimee Nunez"),
        ("Łódź Øster Ærø Åland", "Lodz Oster Aero Aland"),
        ("Ğaziantep ŞIRNAK ı", "Gaziantep SIRNAK i"),
        ("Þór Guðmundsson", "Thor Gudmundsson"),
        ("Ελλάδα Θεσσαλονίκη", "Ellada Thessaloniki"),
        ("София Жечев Щерев", "Sofiya Zhechev Shterev"),
        ("김 한국", "gim hangug"),
        ("さくら", "sakura"),
        ("中文", ".."),
        ("ﷺ", "sallallahou"),
        ("ﬁne № 1² ½ ٣", "fine 12 12 3"),
        ("“A” – ‘b’…", "'A' - 'b'"),
        ("Z\u0308oe e\u0301", "Zoe e"),
        ("one\r\n\ttwo\u200b", "one two"),
        ("\u2066\u0301—", "-"),
        ("☂ ☃", NOT_PROVIDED),
    ],
)
def test_no_letter_is_lost_in_the_basic_alphabet(text: str, basic: str) -> None:
    assert written(text, 70) == basic


def test_the_german_alphabet_keeps_umlauts() -> None:
    assert written(GERMAN, 70, "german") == GERMAN
    assert written("Müller & Söhne_10 €\n@ħ", 70, "german") == "Müller & Söhne-10 E (at)h"
    assert written("Mu\u0308ller é", 70, "german") == "Müller e"


def test_texts_are_cut_after_the_transliteration() -> None:
    assert written("ß" * 40, 70) == "ss" * 35
    assert written("ß" * 80, 70, "german") == "ß" * 70
    assert written("a" * 69 + " b", 70) == "a" * 69


@given(st.text(max_size=40))
def test_any_text_has_a_form_with_all_its_letters(text: str) -> None:
    letters = sum(unicodedata.category(one)[0] == "L" for one in unicodedata.normalize("NFC", text))
    for alphabet, more in (("basic", ""), ("german", GERMAN)):
        found = written(text, 1_000, alphabet)  # type: ignore[arg-type]
        assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ " + more)
        assert found == found.strip() != ""
        assert len(found.replace(" ", "")) >= letters
        assert written(found, 1_000, alphabet) == found  # type: ignore[arg-type]


def test_references_have_no_leading_or_double_slash() -> None:
    assert all(map(is_bank_reference, ["M-2026/1", "a" * 35, "A+?:().,' "]))
    assert not any(map(is_bank_reference, ["", "/M", "M//1", "a" * 36, "M_1", "Mü", "M\n"]))
