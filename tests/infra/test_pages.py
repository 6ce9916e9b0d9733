"""The pages that document the API: their content, and the gateway's routes to them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from infra import gateway
from infra.discovery import endpoints
from infra.gateway_pages import page_routes
from infra.pages import ERROR_PATH, PAGES, Page, headers
from invoicing.http import problems
from tests.npm import npx

PATHS = {page.path for page in PAGES}


def routes() -> dict[str, Any]:
    return page_routes({page.path: f"file-of-{page.path}" for page in PAGES}, "reader")


def integration(path: str) -> dict[str, Any]:
    found: dict[str, Any] = routes()[path]["get"]["x-amazon-apigateway-integration"]
    return found


def test_the_definition_with_pages_is_valid_openapi() -> None:
    document = gateway.definition(
        endpoints(),
        name="invoicing-dev",
        uri=lambda found: found.name,
        authorizer_uri="auth",
        credentials="role",
        kept_seconds=300,
        pages=routes(),
    )
    OpenAPIV30SpecValidator(document).validate()
    assert PATHS | {ERROR_PATH} <= set(document["paths"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_needs_no_credentials_and_no_function(page: Page) -> None:
    operation = routes()[page.path]["get"]
    assert operation["security"] == []
    read = integration(page.path)
    assert (read["type"], read["uri"], read["credentials"]) == ("aws", f"file-of-{page.path}", "reader")


@pytest.mark.parametrize("status", ["200", "304"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_is_cached_by_its_etag(page: Page, status: str) -> None:
    read = integration(page.path)
    mapped = read["responses"][status]["responseParameters"]
    assert mapped.pop("method.response.header.ETag") == "integration.response.header.ETag"
    fixed = {"Content-Type": page.media_type, **headers()}
    assert mapped == {f"method.response.header.{name}": f"'{value}'" for name, value in fixed.items()}
    asked = read["requestParameters"]["integration.request.header.If-None-Match"]
    assert asked == "method.request.header.If-None-Match"


def test_a_page_that_cannot_be_read_is_an_internal_error() -> None:
    failed = integration("/docs")["responses"]["default"]
    assert failed["statusCode"] == "500"
    problem = json.loads(failed["responseTemplates"]["application/json"])
    assert (problem["code"], problem["instance"]) == (problems.INTERNAL_ERROR, "$context.requestId")


def test_the_url_of_an_error_redirects_to_the_page_of_all_codes() -> None:
    template = integration(ERROR_PATH)["responses"]["default"]["responseTemplates"]["application/json"]
    assert '"../errors#${code}"' in template
    assert "$util.urlEncode" in template
    assert f"/v1{ERROR_PATH}".removesuffix("{code}") == problems.type_of("")


def test_the_policy_allows_nothing_from_other_origins() -> None:
    policy = headers()["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.match("default-src 'none'; script-src 'self'; ", policy)


def test_pages_link_to_nothing_outside() -> None:
    for page in PAGES:
        if page.media_type.startswith("text/html"):
            links = re.findall(r'(?:href|src)="([^"]*)"', page.text())
            assert links
            outside = [link for link in links if not link.startswith(("#", "data:")) and f"/{link}" not in PATHS]
            assert outside == []


@pytest.mark.system
def test_the_reference_finds_operations_by_words(tmp_path: Path) -> None:
    for page in PAGES:
        (tmp_path / page.path.rpartition("/")[2]).write_text(page.text(), encoding="utf-8")
    command = ["node", str(Path(__file__).with_name("search.cjs")), str(tmp_path), "refund", "reverse"]
    found = json.loads(npx("jsdom@26.1.0", command=command).stdout)
    # Of a long list, the reference renders only the part that is on the screen.
    assert len(found["shown"]) < found["all"]
    assert "reverse_payment" in found["shown"]
    assert "create_customer" not in found["shown"]
