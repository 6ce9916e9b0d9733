"""The runbooks of the operator, read from their README."""

import re
from dataclasses import dataclass

from infra.discovery import ROOT

README = ROOT / "infra/runbooks/README.md"
_BLOCK = re.compile(
    r"(?:<!-- not on the embedded stack: (?P<reason>[^>]+) -->\n)?```sh\n(?P<commands>.*?)```", re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """Commands, and why the embedded stack cannot run them, if it cannot."""

    commands: str
    lacking: str | None


def headings(part: str) -> list[str]:
    """The runbooks of a part: `Alarms` or `Procedures`."""
    found = re.search(rf"^## {part}$(.*?)(?=^## |\Z)", README.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"^### (.+)$", found.group(1) if found else "", re.MULTILINE)


def blocks(heading: str) -> list[Block]:
    """The blocks of commands under a heading."""
    found = re.search(rf"^###? {re.escape(heading)}$(.*?)(?=^##|\Z)", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found, heading
    return [Block(one["commands"], one["reason"]) for one in _BLOCK.finditer(found.group(1))]
