"""The option that makes the simulation of all writers longer."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", help="seeds of the simulation of all writers: a number, or one seed as `=7`")
