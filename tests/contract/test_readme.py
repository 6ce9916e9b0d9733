"""The READMEs match the code; `uv run python -m infra.readme` updates them."""

import re
from pathlib import Path

import pytest

from infra.discovery import ROOT, endpoints
from infra.readme import ENDPOINTS, SECTIONS, renewed

LONGEST = 150
READMES = pytest.mark.parametrize(
    "readme",
    [
        ROOT / "README.md",
        *(file for top in ("functions", "infra", "layers", "tests") for file in (ROOT / top).rglob("README.md")),
    ],
    ids=lambda readme: readme.relative_to(ROOT).as_posix(),
)


@pytest.mark.parametrize("readme", SECTIONS, ids=lambda readme: readme.relative_to(ROOT).as_posix())
def test_derived_parts_are_up_to_date(readme: Path) -> None:
    text = readme.read_text()
    assert text == renewed(text, SECTIONS[readme]), "uv run python -m infra.readme"


@READMES
def test_links_lead_to_files_that_exist(readme: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", readme.read_text())
    assert [target for target in targets if not (readme.parent / target).exists()] == []


def test_the_root_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST


def test_each_endpoint_is_in_the_table() -> None:
    text = ENDPOINTS.read_text()
    assert [one.path for _, one in endpoints() if f"{one.method} `{one.path}`" not in text] == []


def test_a_readme_without_a_place_for_a_part_is_refused() -> None:
    with pytest.raises(ValueError, match="no one place for endpoints"):
        renewed("# nothing", SECTIONS[ENDPOINTS])
