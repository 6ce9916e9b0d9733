"""Each e-invoice format is one row, and every value that depends on the format is derived from it."""

import re
from pathlib import Path
from typing import get_args

import pytest

from invoicing.core.einvoice import (
    FORMATS,
    EinvoiceFormat,
    RuleSet,
    Schematron,
    XmlFormat,
    is_sent_as_xml,
    xml_format_of,
)
from invoicing.documents.einvoice import render_xml
from tests.einvoices import issued
from tests.validators import rules_of

ROOT = Path(__file__).resolve().parents[2]


def test_every_format_of_the_contract_has_a_row() -> None:
    assert list(FORMATS) == list(get_args(XmlFormat))


def test_every_setting_has_one_format_and_none_has_no_xml() -> None:
    settings = [row.setting for row in FORMATS.values() if row.setting]
    assert sorted([*settings, "none"]) == sorted(get_args(EinvoiceFormat))
    assert xml_format_of("none") is None
    for setting in settings:
        name = xml_format_of(setting)
        assert name is not None
        assert FORMATS[name].setting == setting


def test_the_xml_is_mailed_unless_it_is_in_the_pdf() -> None:
    assert not is_sent_as_xml("none")
    assert not is_sent_as_xml("zugferd")
    assert is_sent_as_xml("xrechnung")


def test_every_set_of_rules_belongs_to_a_format() -> None:
    assert {rules for row in FORMATS.values() for rules in row.rules} == set(get_args(RuleSet))
    assert {name for row in FORMATS.values() for name in row.schematrons} == set(get_args(Schematron))


def test_no_code_compares_the_name_of_a_format() -> None:
    names = "|".join({*get_args(XmlFormat), *get_args(EinvoiceFormat)} - {"none"})
    compared = re.compile(rf"""([!=]=|\bin [({{\[]+)\s*['"]({names})['"]""")
    paths = [path for folder in ("layers/invoicing", "functions") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in paths if compared.search(path.read_text())] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_the_xml_names_its_specification_and_process(format_: XmlFormat) -> None:
    row = FORMATS[format_]
    xml = render_xml(issued(), format_).decode()
    assert f">{row.specification}<" in xml
    assert (">urn:fdc:peppol.eu:2017:poacc:billing:01:1.0<" in xml) == (row.process is not None)
    assert len(rules_of(format_)) == len(row.schematrons)
