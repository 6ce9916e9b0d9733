"""The account in which the sweep runs its cases, and the option that repeats one."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from functions.document_forms import set_form_letterhead
from functions.events import render_dunning_document
from invoicing.billing_runs import workflow
from invoicing.core import clock
from invoicing.customers import vies
from invoicing.customers.vat_check import Answer
from invoicing.rendering import pages as rendering
from tests.aws import account
from tests.conftest import Clock
from tests.faults import snapshots
from tests.faults.sweep import Sweeps

PDF = b"%PDF-1.7 a stand-in"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--case", help="repeat one case of the fault sweep, e.g. record_payment:2:answer_lost")


@pytest.fixture(scope="module")
def sweeps() -> Iterator[Sweeps]:
    """One account for all cases, without waits. Rendering is replaced, because other tests check the documents."""
    at = Clock()
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch, account() as aws:
        patch.setattr(clock, "now", lambda: at.now)
        patch.setattr(clock, "random", SimpleNamespace(uniform=lambda _, longest: 0.0 * longest))
        # A message works on one batch of documents.
        patch.setattr(workflow, "IDS_A_BATCH", 2)
        patch.setattr(workflow, "WORK_SECONDS", 0.0)
        patch.setattr(set_form_letterhead, "pages_of", lambda _: [b"<svg/>"])
        patch.setattr(rendering, "render_pdf", lambda *_, **__: PDF)
        patch.setattr(render_dunning_document, "render_dunning_letter", lambda *_, **__: PDF)
        patch.setattr(vies, "ask", lambda *_: Answer(valid=True))
        yield Sweeps(snapshots.take(at), at, aws)
    logging.disable(logging.NOTSET)
