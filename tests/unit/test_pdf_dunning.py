import io
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pikepdf
import pytest

from invoicing.core.model import LANGUAGES
from invoicing.documents.dunning_letter import dunning_letter, parted
from invoicing.documents.pdf import render_dunning_letter
from invoicing.documents.texts.model import texts_of
from invoicing.documents.texts.wording import Wording
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import tone_of
from invoicing.tenants.mail_text import fill
from tests.unit.test_pdf import INVOICE, invoice_of

LETTER: dict[str, Any] = {
    "id": "ddo_01JD8X2V6PZ3QK7M5T9WRC4HBN",
    "created_at": "2027-01-15T10:00:00.000Z",
    "updated_at": "2027-01-15T10:00:00.000Z",
    "invoice_id": INVOICE["id"],
    "customer_id": None,
    "customer_name": "Atelier Lumen",
    "fee": "10.00",
    "flat_fee": "45.00",
    "pdf": {"id": "file_01JD8X2V6PZ3QK7M5T9WRC4HBN"},
    "type": "dunning",
    "number": "DUN-2027-000003",
    "language": "en",
    "currency": "EUR",
    "invoice_number": "INV-2026-000042",
    "issue_date": "2027-01-15",
    "due_date": "2027-01-29",
    "open": "1469.13",
    "level": 3,
    "fees": "45.00",
    "charges": [
        {"kind": "fee", "level": 2, "amount": "5.00", "set_off": None},
        {"kind": "fee", "level": 3, "amount": "10.00", "set_off": None},
        {"kind": "flat_fee", "level": 3, "amount": "30.00", "set_off": "15.00"},
    ],
    "interest": "17.23",
    "interest_periods": [
        {"start": "2026-12-05", "end": "2026-12-31", "days": 27, "amount": "1469.13", "rate": "10.27"},
        {"start": "2027-01-01", "end": "2027-01-15", "days": 15, "amount": "1469.13", "rate": "10.1"},
    ],
    "total": "1531.36",
}

DUNNED = invoice_of(INVOICE)


def document_of(fields: dict[str, Any]) -> DunningDocument:
    return DunningDocument.model_validate_json(json.dumps(fields))


def made_of(fields: dict[str, Any], introduction: str) -> dict[str, Any]:
    return dunning_letter(document_of(fields), DUNNED, introduction)


def test_claims_add_up_and_interest_shows_its_calculation() -> None:
    made = made_of(LETTER, "Please pay.")
    assert made["title"] == "Urgent overdue notice DUN-2027-000003"
    assert [(claim["label"], claim["amount"]) for claim in made["claims"]] == [
        (
            "Invoice INV-2026-000042 of Nov\u00a020,\u00a02026, due on Dec\u00a04,\u00a02026: still open",
            "€1,469.13",
        ),
        ("Reminder fee, level 2", "€5.00"),
        ("Reminder fee, level 3", "€10.00"),
        ("Fixed compensation for late payment", "€30.00"),
        ("Interest for late payment", "€17.23"),
    ]
    assert made["claims"][3]["notes"] == ("€45.00 less reminder fees of €15.00",)
    first, second = made["claims"][-1]["notes"]
    assert first.startswith("10.27% a year on €1,469.13, Dec\u00a05,\u00a02026")
    assert second.endswith("(days: 15)")
    assert made["total"] == ["Total due", "€1,531.36"]
    assert made["payment"]["sentences"][0] == "Please pay €1,531.36 by Jan\u00a029,\u00a02027."
    assert ["IBAN", "DE02 1203 0000 0000 2020 51"] in made["payment"]["accounts"][0]


def test_payments_on_fees_are_deducted() -> None:
    made = made_of({**LETTER, "total": "1500.00"}, "")
    assert (made["claims"][-1]["label"], made["claims"][-1]["amount"]) == (
        "Paid towards fees and interest",
        "-€31.36",
    )


def test_a_reminder_claims_the_open_amount_only() -> None:
    free = {"fees": "0.00", "charges": [], "interest": "0.00", "interest_periods": [], "total": "1469.13"}
    made = made_of({**LETTER, **free, "type": "reminder", "level": 1}, "")
    assert made["title"].startswith("Payment reminder")
    assert len(made["claims"]) == 1


def test_fees_that_were_not_itemized_are_one_item() -> None:
    made = made_of({**LETTER, "charges": []}, "")
    assert (made["claims"][1]["label"], made["claims"][1]["amount"]) == ("Reminder fee, level 3", "€45.00")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_is_a_pdf_with_the_same_bytes_each_time(language: str) -> None:
    document = document_of({**LETTER, "language": language})
    # Texts are not interpreted as markup, and a character without a glyph is printed as its code point.
    text = "Guten Tag 😀,\n\n#emph[bitte] zahlen Sie *jetzt*."
    made = render_dunning_letter(document, DUNNED, text)
    assert made == render_dunning_letter(document, DUNNED, text)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1
        assert re.search(r"pdfaid:part>3<", pdf.Root.Metadata.read_bytes().decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_level_has_its_own_title_and_text(language: str) -> None:
    levels: list[tuple[Literal["reminder", "dunning"], int]] = [
        ("reminder", 1),
        ("reminder", 2),
        ("dunning", 1),
        ("dunning", 2),
        ("dunning", 3),
    ]
    tones = [tone_of(kind, level) for kind, level in levels]
    texts = texts_of(language)
    assert len({texts.dunning[tone].text for tone in tones}) == len(tones)
    assert len({texts.label(tone) for tone in tones}) >= 4
    # No reminder was sent before the first letter, so it cannot mention one.
    assert "{total}" in texts.dunning["dunning_first"].text
    assert not re.search("Erinnerung|reminder|rappel", texts.dunning["dunning_first"].text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_farewell_is_below_the_table(language: str) -> None:
    for message in texts_of(language).dunning.values():
        text = fill(message.text, {"seller": "Nordlicht GmbH"})
        made = made_of({**LETTER, "language": language}, text)
        assert made["closing"].endswith("\nNordlicht GmbH")
        assert f"{made['introduction']}\n\n{made['closing']}" == text


@pytest.mark.parametrize(
    "text", ["Bitte zahlen Sie.", "Guten Tag,\n\nbitte zahlen Sie bis morgen.", "A\n\n" + "x" * 90]
)
def test_a_text_without_a_farewell_stays_whole(text: str) -> None:
    assert parted(text) == (text, None)


def test_interest_is_in_no_total_of_taxed_amounts() -> None:
    made = made_of({**LETTER, "language": "fr"}, "")
    assert made["total"][0] == "Total à régler"


def test_a_letter_formats_all_amounts_alike() -> None:
    formats = Wording.of("de")
    text = f"{formats.money(Decimal('1190.00'), 'EUR')} bis {formats.date(date(2027, 1, 29))}"
    assert text == "1.190,00\u00a0€ bis 29.01.2027"
    made = made_of({**LETTER, "language": "de"}, text)
    assert "EUR" not in json.dumps({**made, "payment": {**made["payment"], "code": None}}, ensure_ascii=False)
