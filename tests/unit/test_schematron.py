"""A Schematron as a stylesheet: its first rule for a node decides, and findings have severity and text."""

from pathlib import Path

import pytest

from tests.validators import Finding, Rules, findings_of

SCHEMA = """
<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
  <ns prefix="n" uri="urn:n"/>
  <let name="most" value="2"/>
  <pattern>
    <rule context="n:line[@free]"><assert id="A" flag="warning" test="n:price = 0">It costs.</assert></rule>
    <rule context="n:line">
      <let name="price" value="number(n:price)"/>
      <assert id="B" test="$price > 0">A line has a price.</assert>
    </rule>
  </pattern>
  <pattern><rule context="/n:bill"><report id="C" test="count(n:line) > $most">Too many lines.</report></rule></pattern>
</schema>
"""


@pytest.mark.parametrize(
    ("lines", "broken"),
    [
        ("<line><price>1</price></line>", []),
        ("<line/>", ["B"]),
        ("<line free='1'><price>1</price></line><line free='1'/>", ["A", "A"]),
        ("<line><price>1</price></line>" * 3, ["C"]),
    ],
    ids=["sound", "second rule", "first rule alone", "report"],
)
def test_the_first_rule_of_a_pattern_decides(tmp_path: Path, lines: str, broken: list[str]) -> None:
    path = tmp_path / "rules.sch"
    path.write_text(SCHEMA)
    found = findings_of(f"<bill xmlns='urn:n'>{lines}</bill>".encode(), Rules(path))
    assert [one.rule for one in found] == broken


def test_a_finding_has_the_severity_and_the_text(tmp_path: Path) -> None:
    path = tmp_path / "rules.sch"
    path.write_text(SCHEMA)
    xml = b"<bill xmlns='urn:n'><line free='1'/><line/></bill>"
    assert list(findings_of(xml, Rules(path))) == [
        Finding("A", "warning", "It costs."),
        Finding("B", "fatal", "A line has a price."),
    ]
