"""E-invoices: what the official rules say of them."""

import pytest

from invoicing.documents.einvoice import render_xml
from invoicing.domain.credit import CreditData
from invoicing.domain.credit_note import cancellation, credit_note
from invoicing.domain.einvoice import XmlFormat
from tests.builders import NOON
from tests.einvoices import BY, issued
from tests.validators import findings

FORMATS: tuple[XmlFormat, ...] = ("zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol")


@pytest.mark.parametrize("format_", FORMATS)
def test_an_invoice_and_what_takes_it_back_are_accepted(format_: XmlFormat) -> None:
    invoice = issued()
    day = NOON.date()
    note = credit_note(invoice, [], CreditData(), "CN-1", day=day, by=BY, at=NOON).document
    canceled = cancellation(invoice, [], "CAN-1", day=day, by=BY, at=NOON).document
    for document in (invoice, note, canceled):
        assert [one for one in findings(render_xml(document, format_), format_) if one.fatal] == []
