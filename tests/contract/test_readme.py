"""The README says what the code says; `uv run python -m infra.readme` renews it."""

import re

import pytest

from infra.discovery import ROOT, endpoints
from infra.readme import README, renewed


def test_what_is_derived_is_up_to_date() -> None:
    assert README.read_text() == renewed(README.read_text()), "uv run python -m infra.readme"


def test_links_lead_to_files_that_exist() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README.read_text())
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_each_endpoint_is_in_the_table() -> None:
    text = README.read_text()
    assert [one.path for _, one in endpoints() if f"{one.method} `{one.path}`" not in text] == []


def test_a_readme_without_a_place_for_a_part_is_refused() -> None:
    with pytest.raises(ValueError, match="no one place for endpoints"):
        renewed("# nothing")
