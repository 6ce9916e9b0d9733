"""The pages of documents: valid, and readable for everyone on small and large screens (oracle 43)."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, sync_playwright

from invoicing.core.activity import Activity
from invoicing.core.stored_file import FailedRequest, StoredFile, WebPage
from invoicing.documents.pages.errors import ERRORS, error_page, renewal_page
from invoicing.documents.pages.invoice import Shown, invoice_page
from invoicing.invoices.dunning import Dunning
from invoicing.invoices.lifecycle import Status
from tests.builders import NOON
from tests.einvoices import issued
from tests.npm import npx

VALIDATOR = "html-validate@10.9.0"
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = 320
LONG = "Kreditorenbuchhaltungsabteilungsleiterstellvertreter " * 3
TODAY = NOON.date()
SUCCESSOR = "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN"


def shown(language: str, *, days: int = 0, successor: dict[str, Any] | None = None, **changes: Any) -> WebPage:
    files = {kind: StoredFile(id=f"file_{kind}", status="available") for kind in ("pdf", "xml")}
    invoice = issued(language=language).model_copy(update={"files": files, **changes})
    texts = ("Wir liefern am Montag.\nBitte <öffnen> Sie das Tor.", LONG)
    comments = [
        Activity(
            id="act_1",
            invoice_id=invoice.id,
            type="commented",
            action_key="COMMENT",
            comment=text,
            created_at=NOON,
            by_customer=text is LONG,
        )
        for text in texts
    ]
    other = invoice.model_copy(update={"id": SUCCESSOR, "number": "INV-2", **successor}) if successor else None
    return invoice_page(Shown(invoice, "a" * 43, TODAY + timedelta(days=days), "Europe/Berlin", comments, other))


def pages() -> Iterator[tuple[str, WebPage]]:
    fees = {"fees": Decimal("5.00"), "fees_due": Decimal("5.00")}
    nothing = Decimal("0.00")
    for language in ("de", "en", "fr"):
        yield f"open-{language}", shown(language)
        yield f"overdue-{language}", shown(language, days=60)
        dunned = Dunning.none("EUR").model_copy(update=fees)
        yield f"dunned-{language}", shown(language, days=60, dunning=dunned)
        yield f"paid-{language}", shown(language, status=Status.PAID, due=nothing)
        void: Any = {"status": Status.CANCELED, "due": nothing}
        corrects = {"type": "invoice", "corrects_id": SUCCESSOR}
        yield f"canceled-{language}", shown(language, **void, successor={"type": "cancellation"})
        yield f"corrected-{language}", shown(language, **void, successor=corrects)
        yield f"cancellation-{language}", shown(language, type="cancellation", successor=corrects)
        yield f"renewal-{language}", renewal_page(language)
        yield f"refund-{language}", shown(language, status=Status.PAID, due=nothing, refund_due=Decimal("7.00"))
        yield f"credit-note-{language}", shown(language, type="credit_note")
        for code in (*ERRORS, "INTERNAL_ERROR"):
            variables = {"page_token": "a" * 43}
            yield f"{code}-{language}", error_page(FailedRequest(code, "0f8fad5b", language, variables, "./"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.mark.system
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_pages_are_accessible_in_a_browser(browser: Browser, colors: Any) -> None:
    view = browser.new_page(viewport={"width": NARROW, "height": 800}, color_scheme=colors)
    for name, page in pages():
        view.set_content(page.content)
        found = Axe().run(view, options={"runOnly": RULES}).response["violations"]
        assert [(name, rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


@pytest.mark.system
def test_pages_fit_narrow_screens_and_large_text(browser: Browser) -> None:
    view = browser.new_page(viewport={"width": NARROW, "height": 800})
    for name, page in pages():
        view.set_content(page.content)
        for size in ("100%", "200%"):
            view.evaluate("size => document.documentElement.style.fontSize = size", size)
            assert (name, size, view.evaluate("document.documentElement.scrollWidth")) == (name, size, NARROW)


@pytest.mark.system
def test_pages_are_valid_html(tmp_path: Path) -> None:
    """A broken page shows that the validator finds mistakes."""
    broken = str.replace(shown("en").content, "</ul>", "<p hidden></ul>")
    for name, content in {**{name: page.content for name, page in pages()}, "broken": broken}.items():
        (tmp_path / f"{name}.html").write_text(content, encoding="utf-8")
    # The name of the document type may have any case.
    rules = ["--preset", "recommended", "--rule", "doctype-style:off"]
    found = npx(VALIDATOR, command=["html-validate", *rules, "--formatter", "json", f"{tmp_path}/*.html"])
    wrong = json.loads(found.stdout)
    mistakes = {Path(one["filePath"]).stem: {each["ruleId"] for each in one["messages"]} for one in wrong}
    assert mistakes == {"broken": {"element-permitted-content", "no-implicit-close"}}
