"""Every operation of pages × every other document: a page token reaches one document (hazard 17).

New operations are tested automatically.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from tests.builders import customer_json, invoice_json
from tests.contract.conftest import Companies
from tests.contract.test_permissions import missing, same_but_for_the_request
from tests.gateway import Client
from tests.world import World, asked, issue, send

OF_PAGES = [(found.name, one) for found, one in endpoints() if "page_token" in one.path_parameters]
PAGES = [pytest.param(one, id=name) for name, one in OF_PAGES]
FORMS = [pytest.param(one, id=name) for name, one in OF_PAGES if one.body]
Documents = Mapping[str, tuple[Client, dict[str, Any]]]


@pytest.fixture(scope="module")
def page(companies: Companies) -> World:
    """A document with a page."""
    world = companies.ours.renewed(drafts=False)
    assert world["page_token"]
    return world


@pytest.fixture(scope="module")
def others(companies: Companies, page: World) -> Documents:
    """Documents that the token must not reach, each with a client who may read it."""
    ours, theirs = companies.ours.client, companies.theirs.client
    same = {"customer_id": page["customer_id"]}
    namesake = ours.post("/customers", customer_json()).ok(201)["id"]
    drafts = {
        "of the same customer": ours.post("/invoices", invoice_json(**same)).ok(201),
        "of another customer": ours.post("/invoices", invoice_json(customer_id=namesake)).ok(201),
    }
    issued = {name: (ours, ours.post(f"/invoices/{one['id']}/finalize").ok()) for name, one in drafts.items()}
    draft = ours.post("/invoices", invoice_json(**same)).ok(201)
    return {**issued, "a draft of the same customer": (ours, draft), "of another tenant": (theirs, issue(theirs))}


def states(documents: Documents) -> list[Any]:
    """The documents with their timelines and mails."""
    paths = [(client, f"/invoices/{one['id']}") for client, one in documents.values()]
    return [client.get(f"{path}{more}").ok() for client, path in paths for more in ("", "/comments")]


@pytest.mark.parametrize("endpoint", PAGES)
def test_a_token_reaches_its_own_document_only(endpoint: Endpoint, page: World, others: Documents) -> None:
    before = states(others)
    answer = asked(endpoint, Client(None), page)
    assert answer.status < 400, answer.text
    assert states(others) == before
    client, _ = others["of another tenant"]
    foreign = {one["number"] for by, one in others.values() if by is not client} - {None}
    named = {one["id"] for _, one in others.values()} | {one["customer_id"] for _, one in others.values()} | foreign
    assert [text for text in named if text in answer.text or text in str(answer.headers)] == []


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_of_another_page_is_refused(endpoint: Endpoint, companies: Companies, page: World) -> None:
    another = companies.ours.renewed(drafts=False)
    before = states({"own": (page.client, {"id": page["invoice_id"]})})
    answer = send(endpoint, Client(None), page.ids(endpoint), another.body(endpoint))
    assert (answer.status, answer.code) == (403, "FORM_NOT_FROM_PAGE")
    assert states({"own": (page.client, {"id": page["invoice_id"]})}) == before


def test_a_link_belongs_to_its_own_document(page: World, others: Documents) -> None:
    link = page.client.post(f"/invoices/{page['invoice_id']}/page-links").ok(201)
    for client, one in others.values():
        links = f"/invoices/{one['id']}/page-links"
        refused, never = (client.delete(f"{links}/{id_}") for id_ in (link["id"], missing(link["id"])))
        assert (refused.status, refused.code) == (404, "LINK_NOT_FOUND")
        assert same_but_for_the_request(refused, never)
    assert Client(None).get(f"/pages/{link['url'].rpartition('/')[2]}").status == 200
