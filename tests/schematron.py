"""Schematron as XSLT 2.0 that reports in SVRL: the part of the language that Peppol's rules use.

A rule decides about a node if no earlier rule of its pattern does.
"""

from pathlib import Path
from typing import Any, Final

from lxml import etree

_SCHEMATRON: Final = "{http://purl.oclc.org/dsdl/schematron}"
_XSLT: Final = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
_PREFIXES: Final = {
    "xsl": _XSLT.strip("{}"),
    "svrl": _SVRL.strip("{}"),
    "xs": "http://www.w3.org/2001/XMLSchema",
}


def compiled(path: Path) -> str:
    """The stylesheet of a Schematron."""
    schema: Any = etree.parse(path).getroot()
    prefixes = {one.get("prefix"): one.get("uri") for one in schema.iter(f"{_SCHEMATRON}ns")}
    sheet: Any = etree.Element(f"{_XSLT}stylesheet", nsmap=_PREFIXES | prefixes, version="2.0")
    for function in list(schema.iter(f"{_XSLT}function")):
        sheet.append(function)
    _define(schema, sheet)
    report = etree.SubElement(_template(sheet, "/"), f"{_SVRL}schematron-output")
    for place, pattern in enumerate(schema.iter(f"{_SCHEMATRON}pattern")):
        mode = f"pattern{place}"
        _define(pattern, sheet)
        etree.SubElement(report, f"{_XSLT}apply-templates", select="/", mode=mode)
        rules = pattern.findall(f"{_SCHEMATRON}rule")
        for number, rule in enumerate(rules):
            _decide(rule, _template(sheet, rule.get("context"), mode=mode, priority=str(len(rules) - number)), mode)
        _go_on(_template(sheet, "/|@*|node()", mode=mode, priority="-1"), mode)
    return etree.tostring(sheet, encoding="unicode")


def _template(sheet: Any, match: str, **more: str) -> Any:
    made: Any = etree.SubElement(sheet, f"{_XSLT}template", match=match)
    for name, value in more.items():
        made.set(name, value)
    return made


def _define(of: Any, to: Any) -> None:
    """Declare the variables of a schema, a pattern or a rule."""
    for one in of.findall(f"{_SCHEMATRON}let"):
        etree.SubElement(to, f"{_XSLT}variable", name=one.get("name"), select=one.get("value"))


def _decide(rule: Any, template: Any, mode: str) -> None:
    """Report that a rule looks at a node, and its checks that the node breaks."""
    _define(rule, template)
    etree.SubElement(template, f"{_SVRL}fired-rule", context=rule.get("context"))
    for check in rule.iterchildren(f"{_SCHEMATRON}assert", f"{_SCHEMATRON}report"):
        test = check.get("test") if check.tag.endswith("report") else f"not({check.get('test')})"
        broken = etree.SubElement(template, f"{_XSLT}if", test=test)
        found = etree.SubElement(broken, f"{_SVRL}failed-assert", id=check.get("id"), flag=check.get("flag", "fatal"))
        etree.SubElement(found, f"{_SVRL}text").text = " ".join("".join(check.itertext()).split())
    _go_on(template, mode)


def _go_on(template: Any, mode: str) -> None:
    etree.SubElement(template, f"{_XSLT}apply-templates", select="@*|node()", mode=mode)
