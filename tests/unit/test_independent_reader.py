"""An independent reader of both syntaxes finds each term with its value: that of the package of Factur-X."""

import base64
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import facturx  # type: ignore[import-untyped]
import pytest

from invoicing.core.einvoice import FORMATS, XmlFormat
from invoicing.documents.einvoice import render_xml
from tests.en16931 import TERMS, Term, plain
from tests.unit.test_en16931_terms import DOCUMENTS, contents, issued, without_process

_ADDRESS: Final = ("addr_l1", "addr_l2", "addr_l3", "city", "postcode", "country_subdivision", "country_code")
_ENTRY: Final = ("amount", "base_amount", "rate", "vat_category_code", "vat_rate", "reason", "reason_code")
_LINE_ENTRY: Final = tuple(name for name in _ENTRY if not name.startswith("vat_"))


def _terms(names: tuple[str, ...], numbers: str) -> dict[str, str]:
    return {name: f"BT-{number}" for name, number in zip(names, numbers.split(), strict=True)}


_NAMED: Final = (
    "name", "biz_name", "vat_identifier", "legal_identifier", "legal_identifier_schemeid", "einvoicing_addr",
    "einvoicing_addr_schemeid",
)  # fmt: skip
GROUPS: Final[dict[str, dict[str, str]]] = {
    "BG-4": {
        **_terms(_NAMED, "27 28 31 30 30-1 34 34-1"),
        **_terms(_ADDRESS, "35 36 162 37 38 39 40"),
        "tax_identifier": "BT-32",
        "legal_info": "BT-33",
        "identifiers": "BT-29",
    },
    "BG-7": {
        **_terms(_NAMED, "44 45 48 47 47-1 49 49-1"),
        **_terms(_ADDRESS, "50 51 163 52 53 54 55"),
        "identifiers": "BT-46",
    },
    "BG-10": {
        "name": "BT-59",
        "identifiers": "BT-60",
        "legal_identifier": "BT-61",
        "legal_identifier_schemeid": "BT-61-1",
    },
    "BG-11": {"name": "BT-62", "vat_identifier": "BT-63", **_terms(_ADDRESS, "64 65 164 66 67 68 69")},
    "BG-13": {"name": "BT-70", "identifiers": "BT-71", **_terms(_ADDRESS, "75 76 165 77 78 79 80")},
    "BG-20": _terms(_ENTRY, "92 93 94 95 96 97 98"),
    "BG-21": _terms(_ENTRY, "99 100 101 102 103 104 105"),
    "BG-27": _terms(_LINE_ENTRY, "136 137 138 139 140"),
    "BG-28": _terms(_LINE_ENTRY, "141 142 143 144 145"),
}
"""The terms of the reader's own names, by the group that they are in."""
CONTACTS: Final = {
    "BG-4": _terms(("name", "phone", "email"), "41 42 43"),
    "BG-7": _terms(("name", "phone", "email"), "56 57 58"),
}
_BY_SCHEME: Final = frozenset({"BT-18", "BT-29", "BT-46", "BT-60", "BT-71", "BT-128"})
"""Terms that the reader lists by their schemes."""
TAX_POINTS: Final = {"3": "invoice", "35": "delivery", "432": "payment"}
"""The reader's names of the codes of BT-8."""


SUMS: Final = {
    "BT-106": "subtotal", "BT-107": "discount_amount", "BT-108": "shipping_cost", "BT-109": "", "BT-110": "tax",
    "BT-112": "total", "BT-115": "due", "BT-116": "", "BT-117": "", "BT-118": "", "BT-119": "",
}  # fmt: skip
"""The fields of documents with the sums; sums without one are derived from these."""


def leaves(found: dict[str, Any], group: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that the reader found, with its term."""
    for name, value in found.items():
        term = GROUPS.get(group, {}).get(name, name)
        if name == "contacts":
            yield from ((CONTACTS[group][key], text) for one in value for key, text in one.items())
        elif term in _BY_SCHEME:
            yield from ((term, id_) for id_ in value.values())
            yield from ((f"{term}-1", scheme) for scheme in value if scheme)
        elif term == "BT-158":
            yield from ((term, id_) for versions in value.values() for id_ in versions.values())
            yield from (("BT-158-1", scheme) for scheme in value)
            yield from (("BT-158-2", version) for versions in value.values() for version in versions if version)
        elif isinstance(value, dict):
            yield from leaves(value, term)
        elif isinstance(value, list):
            for one in value:
                yield from leaves(one, term) if isinstance(one, dict) else [(term, one)]
        else:
            yield term, value


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return plain(value.isoformat() if isinstance(value, date) else str(value))


def read(xml: bytes) -> dict[str, set[str]]:
    """The values of each term in an XML, as the independent reader understands it."""
    level = "extended-ctc-fr" if b"extended-ctc-fr" in xml else "en16931"
    found = facturx.parse_ubl_cii_xml(xml, level=level, check_xsd=False)
    values: dict[str, set[str]] = defaultdict(set)
    for term, value in leaves(found):
        values[term].add(_text(value))
    return values


UNREAD: Final = {"BT-150"}
"""The reader takes the unit of the base quantity for that of the quantity (BT-130)."""
UNREAD_IN_UBL: Final = {"BT-32", "BT-59", "BT-62"}
"""It expects French conventions in UBL: the tax scheme LOC, and registered names. EN 16931 has FC and party names."""


def lacking(row: Term, requests: dict[str, Any], found: set[str]) -> set[str]:
    """The values of a term in the requests that the reader did not find."""
    given = row.given(requests)
    if row.match == "translated":
        given = {TAX_POINTS[one] for one in given}
    elif row.match == "content":
        given = {_text(one.encode()) for one in given}
    elif row.match == "part":
        return {one for one in given if not any(one in text for text in found)}
    return given - found


@pytest.mark.parametrize("format_", FORMATS)
def test_another_reader_finds_each_term(format_: XmlFormat) -> None:
    unread = UNREAD | (UNREAD_IN_UBL if FORMATS[format_].syntax == "ubl" else set())
    for name, stated in DOCUMENTS.items():
        requests = without_process(stated) if "peppol" in FORMATS[format_].rules else stated
        document = issued(requests)
        values = read(render_xml(document, format_, contents(document)))
        rows = [row for row in TERMS.values() if row.state == "expressible" and row.term not in unread]
        wrong = {row.term: lacking(row, requests, values[row.term]) for row in rows}
        assert {term: each for term, each in wrong.items() if each} == {}, name
        assert not unread & values.keys(), "the reader finds these now: compare them too"


@pytest.mark.parametrize("format_", FORMATS)
def test_another_reader_finds_the_sums(format_: XmlFormat) -> None:
    document = issued(DOCUMENTS["transfer"])
    values = read(render_xml(document, format_, contents(document)))
    net, [tax] = document.total - document.tax, document.tax_breakdown
    assert {term: values[term] for term in ("BT-1", *SUMS)} == {
        "BT-1": {document.number},
        **{term: {plain(str(getattr(document, name)))} for term, name in SUMS.items() if name},
        "BT-109": {plain(str(net))},
        "BT-116": {plain(str(tax.taxable))},
        "BT-117": {plain(str(tax.tax))},
        "BT-118": {tax.category},
        "BT-119": {plain(str(tax.rate))},
    }
