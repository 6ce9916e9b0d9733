"""The formats of e-invoices, one row each, and the statements that many documents share.

All code that depends on the format uses its row.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from invoicing.core.model import PrintedText, Value

EinvoiceFormat = Literal["none", "zugferd", "xrechnung", "peppol", "facturx_fr", "cius_ro"]
"""One of `none` (PDF only), `zugferd` (Factur-X inside the PDF), `facturx_fr` (the same with the rules of the French
reform), or `xrechnung`, `peppol` and Romania's `cius_ro` (XML beside the PDF)."""
XmlFormat = Literal["zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol", "facturx_fr", "cius_ro"]
"""One of `zugferd`, `facturx_fr` or `xrechnung_cii` (CII), `xrechnung_ubl`, `peppol` or `cius_ro` (UBL)."""
RuleSet = Literal[
    "cii", "network", "peppol", "cii_d16b", "xrechnung", "peppol_germany", "peppol_national", "france", "romania"
]
"""Rules beyond those of EN 16931 that hold for both syntaxes, as `issuing.einvoice_rules` checks them."""
Schematron = Literal[
    "FACTUR-X_EN16931",
    "EN16931-CII",
    "EN16931-UBL",
    "XRechnung-CII",
    "XRechnung-UBL",
    "PEPPOL-EN16931-UBL",
    "EXTENDED-CTC-FR-CII",
    "BR-FR-CII",
]
"""A published set of rules that tests validate documents against."""


class Format(NamedTuple):
    """An e-invoice format: a syntax of EN 16931 with the rules of those who receive it."""

    syntax: Literal["cii", "ubl"]
    specification: str
    """Identifier of the specification (EN 16931 BT-24)."""
    process: str | None
    """Identifier of the business process (EN 16931 BT-23)."""
    types: frozenset[str]
    """Codes of the types of documents (EN 16931 BT-3) that it allows, among those that clients can state."""
    types_rule: str
    """The rule that restricts them."""
    setting: EinvoiceFormat | None
    """The `einvoice_format` whose documents are sent in it; None where clients only download it."""
    embedded_as: str | None
    """The file's name in the PDF; None where the XML is sent beside the PDF and the PDF is only a picture of it."""
    conformance: str | None
    """The profile of Factur-X that the metadata of the PDF names; None where the XML is sent beside it."""
    rules: tuple[RuleSet, ...]
    """The sets of rules, in the order in which a refusal lists them."""
    schematrons: tuple[Schematron, ...]
    """The published rules that a document of this format satisfies."""
    self_billing: tuple[str, str] | None = None
    """The specification (BT-24) and the process (BT-23) of self-billed documents, where they have their own."""


_EN16931: Final = "urn:cen.eu:en16931:2017"
_XRECHNUNG: Final = f"{_EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
_PEPPOL: Final = f"{_EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_BILLING: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_TYPES: Final = frozenset(
    {"204", "261", "326", "380", "381", "384", "386", "387", "389", "393", "575", "751", "875", "876", "877"}
)
"""The types that documents can have; BR-CL-01 allows more."""
ATTACHABLE: Final = frozenset(
    {
        "application/pdf",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "image/jpeg",
        "image/png",
        "text/csv",
    }
)
"""The media types of files that an e-invoice can contain (BR-CL-24)."""
FACTURX_NAME: Final = "factur-x.xml"
"""The name that Factur-X gives the XML in the PDF."""

MOST_DOCUMENT_NOTES: Final = 20


class DocumentNote(Value):
    """A note on a document with its subject (EN 16931 BG-1)."""

    text: Annotated[PrintedText, Field(min_length=1, examples=["Retention of title until full payment."])]
    """Text of the note (EN 16931 BT-22)."""
    subject_code: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["AAB"])] | None = None
    """Subject of the note (EN 16931 BT-21): a code of UNTDID 4451, such as `AAB` (terms) or `PMT` (payment)."""


DocumentNotes = Annotated[tuple[DocumentNote, ...], Field(max_length=MOST_DOCUMENT_NOTES)]

TaxPointCode = Literal["3", "35", "432"]
"""Event that makes the tax due, by UNTDID 2005: `3` issue of the invoice, `35` delivery, `432` payment."""

FORMATS: Final[Mapping[XmlFormat, Format]] = {
    "zugferd": Format(
        syntax="cii",
        specification=_EN16931,
        process=None,
        types=_TYPES,
        types_rule="BR-CL-01",
        setting="zugferd",
        embedded_as=FACTURX_NAME,
        conformance="EN 16931",
        rules=("cii",),
        schematrons=("FACTUR-X_EN16931",),
    ),
    "xrechnung_cii": Format(
        syntax="cii",
        specification=_XRECHNUNG,
        process=_BILLING,
        types=_TYPES - {"204", "261", "386", "387", "393", "575", "751"},
        types_rule="BR-DE-17",
        setting=None,
        embedded_as=None,
        conformance=None,
        rules=("cii", "network", "cii_d16b", "xrechnung"),
        schematrons=("EN16931-CII", "XRechnung-CII"),
    ),
    "xrechnung_ubl": Format(
        syntax="ubl",
        specification=_XRECHNUNG,
        process=_BILLING,
        types=_TYPES - {"204", "261", "386", "387", "393", "575", "751"},
        types_rule="BR-DE-17",
        setting="xrechnung",
        embedded_as=None,
        conformance=None,
        rules=("network", "xrechnung"),
        schematrons=("EN16931-UBL", "XRechnung-UBL"),
    ),
    "peppol": Format(
        syntax="ubl",
        specification=_PEPPOL,
        process=_BILLING,
        # Code 326 and 384 are for German parties only (P0112).
        types=_TYPES - {"204", "387", "751"},
        types_rule="PEPPOL-EN16931-P0100",
        setting="peppol",
        embedded_as=None,
        conformance=None,
        rules=("network", "peppol", "peppol_germany", "peppol_national"),
        schematrons=("EN16931-UBL", "PEPPOL-EN16931-UBL"),
        self_billing=(
            f"{_EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
            "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
        ),
    ),
    "facturx_fr": Format(
        syntax="cii",
        specification=f"{_EN16931}#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
        # The process depends on goods or services, so each document states its own.
        process=None,
        types=_TYPES - {"204", "326", "387", "575", "751", "875", "876", "877"},
        types_rule="BR-FR-04",
        setting="facturx_fr",
        embedded_as=FACTURX_NAME,
        conformance="EXTENDED",
        rules=("cii", "france"),
        schematrons=("EXTENDED-CTC-FR-CII", "BR-FR-CII"),
    ),
    "cius_ro": Format(
        syntax="ubl",
        specification=f"{_EN16931}#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1",
        process=None,
        types=frozenset({"380", "381", "384", "389", "751"}),
        types_rule="BR-RO-020",
        setting="cius_ro",
        embedded_as=None,
        conformance=None,
        rules=("romania",),
        schematrons=("EN16931-UBL",),
    ),
}


def xml_format_of(setting: EinvoiceFormat) -> XmlFormat | None:
    """The format of the XML of documents with this setting; None for PDF only."""
    return next((name for name, row in FORMATS.items() if row.setting == setting), None)


def is_sent_as_xml(setting: EinvoiceFormat) -> bool:
    """Whether the XML is a file beside the PDF, so that it is the invoice and is attached to the mail."""
    name = xml_format_of(setting)
    return name is not None and FORMATS[name].embedded_as is None
