"""Identifiers are checked in Lambda as here: the layer has every register that a check reads."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.constructs import layer_build
from infra.constructs.layer_build import ROOT
from invoicing.core.identifiers import SCHEMES
from tests.benchmarks.worker import machine

CHECKED = {
    "stdnum.iban": [
        "BE68 5390 0754 7034", "BE68539007547035", "DE75512108001245126199", "ES9121000418450200051332",
        "ME25505000012345678951", "NO9386011117947", "GB82WEST12345698765432", "MT84MALT011000012345MTLCAST001S",
    ],
    "stdnum.bic": ["SOGEDEFFXXX", "XXXXXX00"],
    "stdnum.ean": ["4006381333931", "4006381333932"],
    "stdnum.iso7064.mod_97_10": ["539007547034RF18", "539007547034RF19"],
    "stdnum.iso11649": ["RF18539007547034", "RF18539007547035"],
    "stdnum.de.leitweg": ["991-01484-64", "991-01484-65"],
    "stdnum.au.abn": ["83914571673", "83914571674"],
    "stdnum.be.vat": ["0202239951", "0202239952"],
    "stdnum.ch.uid": ["CHE100155212", "CHE100155213"],
    "stdnum.de.vat": ["DE136695976", "DE136695977"],
    "stdnum.dk.cvr": ["DK13585628", "13585629"],
    "stdnum.ee.registrikood": ["12345678", "12345679"],
    "stdnum.fr.siren": ["552008443", "552008444"],
    "stdnum.fr.siret": ["73282932000074", "73282932000075"],
    "stdnum.gr.vat": ["094259216", "094259217"],
    "stdnum.is_.kennitala": ["4504013150", "4504013151"],
    "stdnum.it.codicefiscale": ["RCCMNL83S18D969H", "00743110157", "00743110158"],
    "stdnum.it.iva": ["IT00743110157", "IT00743110158"],
    "stdnum.lei": ["213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D16"],
    "stdnum.nl.btw": ["NL004495445B01", "NL004495446B01"],
    "stdnum.no.orgnr": ["995525828", "995525829"],
    "stdnum.se.orgnr": ["5560360793", "5560360794"],
    "stdnum.eu.at_02": ["DE98ZZZ09999999999", "DE97ZZZ09999999999"],
    "stdnum.eu.vat": [
        "ATU13585627", "BE0403019261", "BG175074752", "CY10259033P", "CZ25123891", "DE136695976", "DK13585628",
        "EE100931558", "EL094259216", "ESB58378431", "FI20774740", "FR40303265045", "HR33392005961", "HU12892312",
        "IE6433435F", "IT00743110157", "LT119511515", "LU15027442", "LV40003521600", "MT11679112",
        "NL004495445B01", "PL8567346215", "PT501964843", "RO18547290", "SE123456789701", "SI50223054",
        "SK2022749619", "XI980780684", "DE136695977",
    ],
}  # fmt: skip
"""Each module of stdnum that our code calls, with numbers that reach its country's own check."""

SCRIPT = """
import importlib, json, sys
sys.path[:0] = sys.argv[2:]
iban = importlib.import_module("stdnum.iban")
from invoicing.core.party import is_iban
found = {}
for name, numbers in json.loads(sys.argv[1]).items():
    judge = is_iban if name == "stdnum.iban" else importlib.import_module(name).is_valid
    found |= {f"{name} {number}": judge(number) for number in numbers}
for line in iban._ibandb.prefixes:
    country, digits = line[2], "".join("1" for _ in range(60))
    for length in range(10, 31):
        number = country + "00" + digits[:length]
        number = country + iban.calc_check_digits(number) + digits[:length]
        found[number] = is_iban(number)
print(json.dumps({"found": found, "from": iban.__file__}))
"""


def judged(packages: Path) -> dict[str, Any]:
    """The results of stdnum in a folder for the numbers, in a process with nothing else."""
    folders = [str(packages), str(ROOT / "layers" / "invoicing" / "python")]
    command = [sys.executable, "-I", "-S", "-c", SCRIPT, json.dumps(CHECKED), *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert Path(answer["from"]).is_relative_to(packages)
    return dict(answer["found"])


@pytest.fixture(scope="module")
def in_layer() -> dict[str, Any]:
    """The results of the built layer."""
    return judged(layer_build.packages("dependencies", machine()) / "python")


def test_the_layer_checks_identifiers_as_the_whole_package(in_layer: dict[str, Any]) -> None:
    specification = importlib.util.find_spec("stdnum")
    assert specification
    assert specification.origin
    assert in_layer == judged(Path(specification.origin).parents[1])
    assert len(in_layer) > 1_000, "every country of the register, at every length"


def test_a_belgian_iban_is_accepted_in_lambda(in_layer: dict[str, Any]) -> None:
    assert in_layer["stdnum.iban BE68 5390 0754 7034"]
    assert not in_layer["stdnum.iban BE68539007547035"]


def test_every_check_of_our_code_is_tested() -> None:
    called = {f"stdnum.{form.module}" for form in SCHEMES.values() if form.module}
    for path in (ROOT / "layers" / "invoicing").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "stdnum":
                called |= {f"{node.module}.{name.name}" for name in node.names}
    assert called == CHECKED.keys()
