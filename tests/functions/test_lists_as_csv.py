"""Every list with `Accept: text/csv`"""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.aws.files import read
from invoicing.core.identity import Role
from invoicing.http import responses
from invoicing.http.declaration import Endpoint
from invoicing.http.lists import export
from invoicing.http.lists.rows import columns
from tests.builders import customer_json
from tests.conftest import Clock
from tests.gateway import Client, Response
from tests.uploads import keys

CSV = {"Accept": "text/csv"}
LISTS = [endpoint for _, endpoint in endpoints() if endpoint.paginates and not endpoint.path_parameters]


def rows(content: bytes) -> list[dict[str, str]]:
    text = content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def content_of(answer: Response) -> bytes:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv"), answer.text
    return answer.text.encode("latin-1")


def customers(api: Client, *names: str) -> list[str]:
    return [str(api.post("/customers", customer_json(name=name)).ok(201)["id"]) for name in names]


@pytest.mark.parametrize("endpoint", LISTS, ids=lambda endpoint: endpoint.path)
def test_every_list_is_a_file_with_its_columns(endpoint: Endpoint, api: Client) -> None:
    content = content_of(api.get(endpoint.path, headers=CSV))
    [header, *_] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == list(columns(endpoint.entry))


def test_the_file_has_the_entries_of_all_pages(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["=HYPERLINK()", "Süß & Söhne", "Ätna", "Bö", "Cé"]
    customers(api, *names)
    monkeypatch.setattr(export, "ENTRIES_A_PAGE", 2)
    answer = api.get("/customers?limit=1&order=asc", headers=CSV)
    found = rows(content_of(answer))
    assert {row["name"] for row in found} == {"'=HYPERLINK()", *names[1:]}
    assert len(found) == len(names)
    assert found[0]["address.city"] == "Leipzig"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="customers.csv"')
    assert "Link" not in answer.headers


def test_the_rows_are_those_of_the_list(api: Client, issued: dict[str, Any], at: Clock) -> None:
    [row] = rows(content_of(api.get("/invoices?status=open", headers=CSV)))
    [shown] = api.get("/invoices?status=open").ok()["data"]
    assert row["total"] == shown["total"] == issued["total"]
    assert (row["overdue"], row["order_id"]) == ("false", "")
    assert rows(content_of(api.get("/invoices?status=draft", headers=CSV))) == []


def test_a_file_that_is_too_long_leads_to_its_rest(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = customers(api, "A", "B", "C")
    for name, value in (("ENTRIES_A_PAGE", 1), ("MOST_BYTES", 1)):
        monkeypatch.setattr(export, name, value)
    found, path = [], "/customers?archived=false&order=asc"
    while path:
        answer = api.get(path, headers=CSV)
        found += [row["id"] for row in rows(content_of(answer))]
        path = answer.headers.get("Link", "").removeprefix("</v1").removesuffix('>; rel="next"')
    assert sorted(found) == sorted(ids)


def test_a_file_too_large_for_a_response_is_redirected_to(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    customers(api, "A")
    monkeypatch.setattr(responses, "MOST_BYTES", 10)
    answer = api.get("/customers", headers=CSV)
    assert (answer.status, answer.text) == (303, "")
    [key] = keys(api.tenant_id)
    assert key in answer.headers["Location"]
    assert [row["name"] for row in rows(read(*key.split("/")))] == ["A"]


def test_customers_find_no_internal_values(api: Client, issued: dict[str, Any], sign_in: Callable[..., Client]) -> None:
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    api.patch(f"/customers/{issued['customer_id']}", {"owner_id": api.user.id if api.user else None}).ok()
    [row] = rows(content_of(portal.get("/invoices", headers=CSV)))
    assert (row["id"], row["owner_id"], row["created_by.id"]) == (issued["id"], "", "")


def test_a_wrong_query_is_refused_as_json(api: Client) -> None:
    answer = api.get("/customers?limit=0", headers=CSV)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_json_is_the_default(api: Client) -> None:
    assert api.get("/customers", headers={"Accept": "*/*"}).ok()["object"] == "list"
