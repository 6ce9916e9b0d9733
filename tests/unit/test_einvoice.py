"""E-invoices: accepted by the official rules, and exact to the cent, which those rules do not require."""

import base64
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.documents.einvoice import EmbeddedFile, render_xml
from invoicing.documents.einvoice.cii import NAMESPACES
from invoicing.invoices.model import Invoice
from invoicing.issuing.einvoice import preceding_documents
from invoicing.issuing.einvoice_rules import broken_rules
from invoicing.pricing.allowances import line_entries
from tests.einvoices import CATEGORIES, GERMAN_FORMATS, documents, issued
from tests.validators import findings, peppol_rules

ATTACHED = {"pdf": "application/pdf", "png": "image/png", "csv": "text/csv"}
EACH_RUN, AT_LENGTH = range(18), range(18, 220)
PREFIXES = {
    **{prefix: name for prefix, name in NAMESPACES.items() if prefix},
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


class Read:
    """An e-invoice as its receiver reads it, in either syntax."""

    def __init__(self, xml: bytes, format_: XmlFormat) -> None:
        self.root = etree.fromstring(xml)
        self.cii = FORMATS[format_].syntax == "cii"

    def texts(self, cii: str, ubl: str, within: Any = None) -> list[str]:
        found = (self.root if within is None else within).xpath(cii if self.cii else ubl, namespaces=PREFIXES)
        return [one if isinstance(one, str) else one.text for one in found]

    def text(self, cii: str, ubl: str, within: Any = None) -> str:
        return next(iter(self.texts(cii, ubl, within)), "")

    def amount(self, cii: str, ubl: str, within: Any = None) -> Decimal:
        return Decimal(self.text(cii, ubl, within) or 0)

    def total(self, cii: str, ubl: str) -> Decimal:
        summation = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation"
        return self.amount(f"{summation}/ram:{cii}", f"//cac:LegalMonetaryTotal/cbc:{ubl}")

    def parts(self, cii: str, ubl: str) -> list[Any]:
        found = self.root.xpath(cii if self.cii else ubl, namespaces=PREFIXES)
        return list(found)


def require_exact(document: Invoice, xml: bytes, format_: XmlFormat) -> None:
    """Every amount is the document's own, and every sum of EN 16931 is exact, without a tolerance."""
    read = Read(xml, format_)
    lines, charges = (
        read.total("LineTotalAmount", "LineExtensionAmount"),
        read.total("ChargeTotalAmount", "ChargeTotalAmount"),
    )
    off, net = (
        read.total("AllowanceTotalAmount", "AllowanceTotalAmount"),
        read.total("TaxBasisTotalAmount", "TaxExclusiveAmount"),
    )
    gross, paid = (
        read.total("GrandTotalAmount", "TaxInclusiveAmount"),
        read.total("TotalPrepaidAmount", "PrepaidAmount"),
    )
    tax = read.amount(
        f"//ram:TaxTotalAmount[@currencyID='{document.currency}']", "//cac:TaxTotal[cac:TaxSubtotal]/cbc:TaxAmount"
    )
    assert (tax, gross, net) == (document.tax, document.total, document.total - document.tax)
    if document.lines:
        # Amounts in XML are positive: a share below zero is on the other side. It is that of a rate whose lines are
        # below zero, or of the rest that a later credit or cancellation credits, whose shares have both signs.
        turned = off - document.discount_amount
        assert (lines, charges) == (document.subtotal, document.shipping_cost + turned)
        below_zero = document.type != "invoice" or any(one.taxable < 0 for one in document.tax_breakdown)
        assert turned == 0 or (turned > 0 and below_zero)
    assert net == lines - off + charges
    assert gross == net + tax
    rounding = read.total("RoundingAmount", "PayableRoundingAmount")
    assert read.total("DuePayableAmount", "PayableAmount") == gross - paid + rounding
    if document.type == "invoice":
        assert (paid, rounding) == (document.paid + (document.prepaid_amount or 0), document.rounding)
    require_exact_lines(document, read)
    require_exact_taxes(document, read)


def require_exact_lines(document: Invoice, read: Read) -> None:
    nets = []
    for place, line in enumerate(
        read.parts("//ram:IncludedSupplyChainTradeLineItem", "//cac:InvoiceLine|//cac:CreditNoteLine")
    ):
        net = read.amount(".//ram:LineTotalAmount", "cbc:LineExtensionAmount", line)
        price = read.amount(".//ram:NetPriceProductTradePrice/ram:ChargeAmount", "cac:Price/cbc:PriceAmount", line)
        base = read.amount(".//ram:BasisQuantity", "cac:Price/cbc:BaseQuantity", line) or Decimal(1)
        quantity = read.amount(".//ram:BilledQuantity", "cbc:InvoicedQuantity|cbc:CreditedQuantity", line)
        (one, by), (times, of), (units, scale) = (value.as_integer_ratio() for value in (price, quantity, base))
        before = rounded(one * times * scale, by * of * units)
        assert price >= 0 < base
        stated = [entry.base for entry in line_entries(document.lines[place])] if document.lines else []
        given = bool(document.lines) and document.lines[place].net_given
        away = net - before - adjusted(read, line, {abs(before), *stated})
        assert away == 0 or (given and abs(away) <= Decimal("0.05"))
        gross = read.amount(".//ram:GrossPriceProductTradePrice/ram:ChargeAmount", "cac:Price//cbc:BaseAmount", line)
        if gross:
            applied = ".//ram:AppliedTradeAllowanceCharge/ram:ActualAmount"
            assert price == gross - read.amount(applied, "cac:Price/cac:AllowanceCharge/cbc:Amount", line)
        nets.append(net)
    if document.lines:
        assert nets == [line.net for line in document.lines]


def rounded(numerator: int, denominator: int) -> Decimal:
    """Hundredths, to which the rules of EN 16931 round in any currency."""
    hundredths = (2 * abs(numerator) * 100 + denominator) // (2 * denominator)
    return Decimal(hundredths if numerator >= 0 else -hundredths).scaleb(-2)


def adjusted(read: Read, within: Any, bases: set[Decimal | None]) -> Decimal:
    """The sum of charges less allowances. A percentage gives the amount within the tolerance of the rules."""
    total = Decimal(0)
    for one in within.xpath(".//ram:SpecifiedTradeAllowanceCharge|cac:AllowanceCharge", namespaces=PREFIXES):
        amount = read.amount("ram:ActualAmount", "cbc:Amount", one)
        on = read.text("ram:ChargeIndicator/udt:Indicator", "cbc:ChargeIndicator", one) == "true"
        percent = read.amount("ram:CalculationPercent", "cbc:MultiplierFactorNumeric", one)
        if percent:
            of = read.amount("ram:BasisAmount", "cbc:BaseAmount", one)
            assert of in bases
            # The tolerance of PEPPOL-EN16931-R040, which a currency without hundredths needs.
            assert abs(of * percent / 100 - amount) <= Decimal("0.02")
        assert amount > 0
        assert read.text("ram:Reason", "cbc:AllowanceChargeReason", one)
        total += amount if on else -amount
    return total


def require_exact_taxes(document: Invoice, read: Read) -> None:
    """The breakdown is that of the document, and each basis is the sum of its lines, allowances and charges."""
    said: dict[tuple[str, Decimal], list[Decimal]] = {}

    def category(part: Any, cii: str, ubl: str) -> tuple[str, Decimal]:
        rate = read.amount(f"{cii}/ram:RateApplicablePercent", f"{ubl}/cbc:Percent", part)
        return read.text(f"{cii}/ram:CategoryCode", f"{ubl}/cbc:ID", part), rate

    header = "/*/*/ram:ApplicableHeaderTradeSettlement"
    for part in read.parts(f"{header}/ram:ApplicableTradeTax", "//cac:TaxSubtotal"):
        taxed = read.amount("ram:BasisAmount", "cbc:TaxableAmount", part)
        said[category(part, ".", "cac:TaxCategory")] = [
            taxed,
            read.amount("ram:CalculatedAmount", "cbc:TaxAmount", part),
        ]
    assert {(one.category, one.rate): [one.taxable, one.tax] for one in document.tax_breakdown if one.taxable} == {
        key: values for key, values in said.items() if values[0]
    }
    bases = dict.fromkeys(said, Decimal(0))
    for line in read.parts("//ram:SpecifiedLineTradeSettlement", "//cac:InvoiceLine|//cac:CreditNoteLine"):
        key = category(line, "ram:ApplicableTradeTax", "cac:Item/cac:ClassifiedTaxCategory")
        bases[key] += read.amount(".//ram:LineTotalAmount", "cbc:LineExtensionAmount", line)
    for one in read.parts(f"{header}/ram:SpecifiedTradeAllowanceCharge", "/*/cac:AllowanceCharge"):
        amount = read.amount("ram:ActualAmount", "cbc:Amount", one)
        on = read.text("ram:ChargeIndicator/udt:Indicator", "cbc:ChargeIndicator", one) == "true"
        bases[category(one, "ram:CategoryTradeTax", "cac:TaxCategory")] += amount if on else -amount
    assert bases == {key: values[0] for key, values in said.items()}


def checked(document: Invoice) -> int:
    """How many forms of a document are accepted and exact: all, or this fails."""
    for format_ in GERMAN_FORMATS:
        several = "cii_d16b" in FORMATS[format_].rules and len(preceding_documents(document)) > 1
        assert [one.code for one in broken_rules(document, format_)] == (["XSD-D16B"] if several else [])
        xml = render_xml(document, format_)
        assert [one for one in findings(xml, format_) if one.fatal] == []
        require_exact(document, xml, format_)
        assert render_xml(document, format_) == xml
    return len(GERMAN_FORMATS)


def generated(seeds: range) -> Iterator[Invoice]:
    for seed in seeds:
        yield from documents(seed)


def test_any_valid_invoice_is_accepted_and_exact() -> None:
    seen = list(generated(EACH_RUN))
    assert len(seen) >= 40
    assert {line.tax.category for one in seen for line in one.lines} == set(CATEGORIES)
    assert {one.type for one in seen} == {"invoice", "credit_note", "cancellation"}
    assert sum(checked(one) for one in seen) == len(seen) * len(GERMAN_FORMATS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_hundreds_of_generated_invoices_are_accepted(part: int) -> None:
    seen = list(generated(AT_LENGTH[part::10]))
    assert len(seen) >= 50
    assert sum(checked(one) for one in seen) == len(seen) * len(GERMAN_FORMATS)


@pytest.mark.skipif(peppol_rules() is None, reason="PEPPOL_RULES names no folder (tests/validators.py)")
def test_peppols_own_rules_are_among_those_that_accept_them() -> None:
    assert sum(checked(one) for one in generated(EACH_RUN)) > 0


@pytest.mark.parametrize("format_", GERMAN_FORMATS)
def test_supporting_documents_are_embedded_unchanged(format_: XmlFormat) -> None:
    given = [
        EmbeddedFile(f"Anlage {n}.{kind}", ATTACHED[kind], bytes(range(256)), "Anlage")
        for n, kind in enumerate(ATTACHED)
    ]
    xml = render_xml(issued(), format_, given)
    assert [one for one in findings(xml, format_) if one.fatal] == []
    found = Read(xml, format_).parts("//ram:AttachmentBinaryObject", "//cbc:EmbeddedDocumentBinaryObject")
    said = [(one.get("filename"), one.get("mimeCode"), base64.b64decode(one.text)) for one in found]
    assert said == [(one.name, one.content_type, one.content) for one in given]


def test_unsupported_files_and_repeated_names_are_refused() -> None:
    pdf, page = EmbeddedFile("a", "application/pdf", b"1"), EmbeddedFile("a", "text/html", b"1")
    with pytest.raises(ValueError, match="BR-CL-24"):
        render_xml(issued(), "peppol", [page])
    with pytest.raises(ValueError, match="BR-DE-22"):
        render_xml(issued(), "peppol", [pdf, pdf])


@pytest.mark.parametrize(
    ("percent", "said"), [("2.5", "#SKONTO#TAGE=7#PROZENT=2.50#\n"), ("2.125", "2,125\xa0% Skonto")]
)
def test_a_cash_discount_uses_the_xrechnung_form_if_possible(percent: str, said: str) -> None:
    terms = {"days": 14, "discount_percent": percent, "discount_days": 7}
    for format_ in ("xrechnung_cii", "xrechnung_ubl"):
        xml = render_xml(issued(payment_terms=terms), format_)
        found = Read(xml, format_).text(
            "//ram:SpecifiedTradePaymentTerms/ram:Description", "//cac:PaymentTerms/cbc:Note"
        )
        assert found.startswith(said)
        assert [one for one in findings(xml, format_) if one.fatal] == []


def test_only_issued_documents_have_an_xml_form() -> None:
    with pytest.raises(ValueError, match="issued"):
        render_xml(issued().model_copy(update={"number": None}), "zugferd")
