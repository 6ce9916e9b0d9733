"""Every language has every text, each with the same placeholders, and is one module."""

import re
import string
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from invoicing.core.einvoice import TaxPointCode
from invoicing.core.model import LANGUAGES
from invoicing.documents.texts.debits import DEBIT_MAILS
from invoicing.documents.texts.model import Message, Texts, texts_of
from invoicing.documents.texts.wording import Wording
from invoicing.dunning.rule import Tone
from invoicing.dunning.words import Words
from invoicing.invoices.dunning import Charge
from invoicing.invoices.fields import CreditSettlement
from invoicing.invoices.lifecycle import DocumentType, StatedType
from invoicing.issuing.national.france import SUPPORTING
from invoicing.payments.model import Method
from invoicing.tenants.mail_text import PLACEHOLDERS, MailText

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers/invoicing/python/invoicing"
ENGLISH = texts_of("en")


def values(text: str) -> list[str]:
    """The placeholders of a text. The order of a sentence differs between languages."""
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


def named(texts: Texts) -> dict[str, str]:
    """Every text of a language by name."""
    return {
        **texts.labels,
        **{f"untaxed {name}": text for name, text in texts.untaxed.items()},
        **{f"unit {name}": text for name, text in texts.units.items()},
        **{f"mail {name}": text for name, text in texts.document_mail._asdict().items()},
        **{f"page mail {name}": text for name, text in texts.page_mail._asdict().items()},
        **{f"cancellation mail {name}": text for name, text in texts.cancellation_mail._asdict().items()},
        **{f"statement mail {name}": text for name, text in texts.statement_mail._asdict().items()},
        **{f"due mail {name}": text for name, text in texts.due_mail._asdict().items()},
        **{f"debit mail {name}": text for name, text in DEBIT_MAILS[texts.language]._asdict().items()},
        **{f"disabled mail {name}": text for name, text in texts.disabled_mail._asdict().items()},
        **{f"receipt mail {name}": text for name, text in texts.receipt_mail._asdict().items()},
        **{f"{tone} {name}": text for tone, one in texts.dunning.items() for name, text in one._asdict().items()},
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_its_values(language: str) -> None:
    texts = texts_of(language)
    assert texts.language == language
    found, english = named(texts), named(ENGLISH)
    assert found.keys() == english.keys()
    assert {name: values(text) for name, text in found.items()} == {
        name: values(text) for name, text in english.items()
    }
    assert [name for name, text in found.items() if not text.strip()] == []
    assert set(texts.dunning) == set(get_args(Tone))


@pytest.mark.parametrize("language", LANGUAGES)
def test_regional_labels_replace_those_of_the_language(language: str) -> None:
    texts = texts_of(language)
    for country, labels in texts.regional.items():
        assert {name: values(text) for name, text in labels.items()} == {
            name: values(texts.labels[name]) for name in labels
        }
        assert texts_of(f"{language}-{country}").labels == {**texts.labels, **labels}
    assert texts_of(f"{language}-XX").labels == texts.labels


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_use_placeholders_that_are_filled(language: str) -> None:
    texts = texts_of(language)
    for message in (texts.due_mail, *texts.dunning.values()):
        MailText(subject=message.subject, text=message.text)
    filled = {*PLACEHOLDERS, "title", "due"}
    assert {name for text in texts.document_mail for name in values(text)} <= filled


def test_letters_have_no_line_with_a_link_to_the_page() -> None:
    own = MailText(text="Pay {open}.\nOnline: {page}\nThank you")
    assert Words(own, Message("", ""), {"open": "5"}).text == "Pay 5.\nThank you"
    default = Message("", "Pay {open}.\n\nOnline: {page}\n\nThank you")
    assert Words(None, default, {"open": "5"}).text == "Pay 5.\n\nThank you"


@pytest.mark.parametrize(
    ("language", "end"),
    [
        ("de", "Online finden Sie den aktuellen Stand und alle Dateien: {page}\n\nMit freundlichen Grüßen\n{seller}"),
        ("en", "The current status and all files are online: {page}\n\nKind regards\n{seller}"),
        ("fr", "La situation actuelle et tous les fichiers sont en ligne\xa0: {page}\n\nCordialement\n{seller}"),
    ],
)
def test_all_mails_about_a_document_link_to_its_page(language: str, end: str) -> None:
    texts = texts_of(language)
    document, letters = texts.document_mail, (one.text for one in texts.dunning.values())
    others = texts.receipt_mail, texts.due_mail, DEBIT_MAILS[language]
    mails = [document.text, document.linked, *(one.text for one in others), *letters]
    assert [text for text in mails if not text.endswith(f"\n\n{end}") or text.count("{page}") > 1] == []
    assert texts.page_mail.text.count("{page}") == 1


def test_every_label_is_printed_and_exists() -> None:
    types = get_args(DocumentType)
    families = {
        *types,
        *(f"number_{name}" for name in types),
        *(f"{name}_amount" for name in CreditSettlement.model_fields if name != "earlier"),
        # 380 and 386 have the names of an invoice and of a deposit invoice.
        *(f"type_{code}" for code in get_args(StatedType) if code not in ("380", "386")),
        # The codes of the French rules.
        *(f"document_{code}" for code in SUPPORTING),
        "note_MEMBRE_ASSUJETTI_UNIQUE",
        *(f"tax_point_{code}" for code in get_args(TaxPointCode)),
        *get_args(Tone),
        *(name for name in get_args(Method) if name != "bank_transfer"),
        *get_args(Charge.model_fields["kind"].annotation),
    }
    code = "".join(path.read_text() for path in LAYER.rglob("*.py") if path.stem not in LANGUAGES)
    named = {name for name in ENGLISH.labels if f'"{name}"' in code}
    assert ENGLISH.labels.keys() == named | families


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_formats_amounts_and_dates(language: str) -> None:
    wording = Wording.of(f"{language}-XX")
    assert wording.locale.language == wording.texts.language == language
    assert "1" in wording.money(Decimal("1.00"), "EUR")


def test_french_writes_the_first_of_a_month_as_an_ordinal() -> None:
    written = {day: Wording.of("fr").date(date(2026, 4, day)) for day in (1, 2, 11, 21)}
    assert written == {
        1: "1er\xa0avr.\xa02026",
        2: "2\xa0avr.\xa02026",
        11: "11\xa0avr.\xa02026",
        21: "21\xa0avr.\xa02026",
    }
    assert Wording.of("fr-BE").date(date(2026, 5, 1)) == "1er\xa0mai\xa02026"
    assert Wording.of("de").date(date(2026, 4, 1)) == "01.04.2026"


def test_other_languages_are_written_in_english() -> None:
    assert texts_of("nl-US") == texts_of("nl") == ENGLISH


def test_the_languages_are_the_modules_of_the_folder() -> None:
    modules = {path.stem for path in (LAYER / "documents/texts").glob("*.py")}
    assert set(LANGUAGES) == modules - {"__init__", "debits", "deposits", "model", "wording"}


def test_no_other_module_lists_or_imports_languages() -> None:
    # A language that another file names would have to be added there too, and texts are loaded by need only.
    listed = re.compile(r"""['"]([a-z]{2})['"]""")
    imported = re.compile(rf"documents\.texts\.({'|'.join(LANGUAGES)})\b|documents\.texts import ")
    for path in _modules():
        text = path.read_text()
        assert len(set(listed.findall(text)) & set(LANGUAGES)) <= 1, path
        assert not imported.search(text), path


def _modules() -> Iterator[Path]:
    for folder in (LAYER, ROOT / "functions", ROOT / "infra"):
        yield from (path for path in folder.rglob("*.py") if path.parent.name != "texts")
