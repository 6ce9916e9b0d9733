"""`llms.txt` names each operation and leads to each document."""

import re

from infra.clients import llms
from tests.answers import document

TEXT = llms.text()


def test_it_has_the_form_of_llms_txt() -> None:
    title, _, summary = TEXT.split("\n")[:3]
    assert title == "# Invoicing API"
    assert summary.startswith("> ")
    links = re.findall(r"^- \[[^]]+\]\(\S+\): .+$", TEXT, re.MULTILINE)
    operations = sum(map(len, document()["paths"].values()))
    assert len(links) == operations + len(llms.DOCUMENTS)


def test_it_names_each_operation_with_its_scope() -> None:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            scope = next((scopes[0] for one in operation["security"] for scopes in one.values()), None)
            access = f"scope `{scope}`" if scope else "no credentials"
            assert f"/{operation['operationId']}): `{method.upper()} {path}`, {access}\n" in TEXT


def test_it_is_short_enough_for_one_prompt() -> None:
    assert len(TEXT) < 32_000  # About 8,000 tokens.
