"""Each alarm names a runbook, and each runbook of an alarm belongs to one."""

import re
import subprocess

import pytest

from infra.constructs.monitoring import anchor
from infra.discovery import ROOT
from tests.infra.templates import Templates
from tests.runbooks import README, blocks, headings


def test_each_alarm_names_an_existing_runbook(templates: Templates, everything: Templates) -> None:
    named = set()
    for found in (templates, everything):
        for stack in found.stacks:
            for alarm in stack.all("AWS::CloudWatch::Alarm").values():
                text, _, link = alarm["AlarmDescription"].partition(" Runbook: ")
                file, _, fragment = link.partition("#")
                assert text.endswith(".")
                assert ROOT / file == README
                named.add(fragment)
    # AWS writes the text of this one.
    named.add(anchor("Cost anomaly"))
    assert named == {anchor(heading) for heading in headings("Alarms")}


def test_the_operators_guide_links_to_each_procedure() -> None:
    guide = (ROOT / "infra/README.md").read_text()
    for heading in headings("Procedures"):
        assert f"(runbooks/README.md#{anchor(heading)})" in guide


def test_commands_of_the_service_name_the_stage() -> None:
    """Without it, they would run against `dev`."""
    commands = re.findall(r"invoicing (?:doctor|tenant|smoke)[^`\n]*", README.read_text())
    assert commands
    assert [command for command in commands if '--stage "$STAGE"' not in command] == []


def test_waiting_for_a_long_restore_is_repeated() -> None:
    """A waiter of the command line ends with an error after a few minutes; a restore can take hours."""
    waits = [line for line in README.read_text().splitlines() if re.search(r"\baws \w+ wait\b", line)]
    assert waits
    assert [line for line in waits if not re.fullmatch(r"until aws .*; do sleep \d+; done", line)] == []


@pytest.mark.parametrize("heading", [*headings("Alarms"), *headings("Procedures")])
def test_each_runbook_consists_of_commands(heading: str) -> None:
    assert blocks(heading)
    for block in blocks(heading):
        checked = subprocess.run(["bash", "-n"], input=block.commands, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
