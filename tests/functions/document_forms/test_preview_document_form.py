"""GET /document-forms/{form_id}/preview"""

import pytest

from invoicing.http import responses
from tests.gateway import Client
from tests.logos import base64_of, pictures, png
from tests.unit.test_pdf import squeezed, text_of
from tests.uploads import keys


@pytest.fixture
def preview(api: Client) -> str:
    texts = [
        {"type": "invoice", "language": "de", "closing": "Vielen Dank"},
        {"type": "credit_note", "language": "en", "closing": "See you soon"},
    ]
    form = api.post("/document-forms", {"name": "A", "footer": "Es gelten unsere AGB.", "texts": texts}).ok(201)
    api.put(f"/document-forms/{form['id']}/logo", {"image": base64_of(png(300, 100))}).ok()
    return f"/document-forms/{form['id']}/preview"


def test_a_sample_shows_the_form(api: Client, preview: str) -> None:
    answer = api.get(preview)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    file = answer.text.encode("latin-1")
    text = text_of(file)
    for words in ("ENTWURF", "Musterkundin GmbH", "Vielen Dank", "Es gelten unsere AGB."):
        assert squeezed(words) in text
    assert pictures(file) == [(300, 100)]


def test_type_and_language_of_the_sample_can_be_chosen(api: Client, preview: str) -> None:
    text = text_of(api.get(f"{preview}?type=credit_note&language=en").text.encode("latin-1"))
    assert squeezed("See you soon") in text
    assert squeezed("Credit note") in text
    assert api.get(f"{preview}?type=cancellation&language=fr").status == 200
    assert api.get(f"{preview}?type=letter").status == 400


@pytest.mark.parametrize(
    ("type_", "name", "shown"),
    [
        ("deposit", "Anzahlungsrechnung", "Vielen Dank"),
        ("final", "Schlussrechnung", "Anzahlungsrechnung 1 vom"),
        ("self_billed", "Gutschrift", "Wir zahlen Ihnen"),
    ],
)
def test_samples_of_special_invoices(api: Client, preview: str, type_: str, name: str, shown: str) -> None:
    text = text_of(api.get(f"{preview}?type={type_}").text.encode("latin-1"))
    assert squeezed(name) in text
    assert squeezed(shown) in text


def test_a_large_sample_is_redirected_to(api: Client, preview: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "MOST_BYTES", 1_000)
    answer = api.get(preview)
    assert (answer.status, answer.text) == (303, "")
    assert any(key in answer.headers["Location"] for key in keys(api.tenant_id))
