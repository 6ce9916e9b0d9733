"""POST /sepa-files/{sepa_file_id}/download-links, and the links themselves"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from invoicing.core.identity import Role
from tests.collection import collectable_invoice, ready_to_collect
from tests.conftest import Clock
from tests.events import details
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect, xml_of
from tests.gateway import Client, Response
from tests.reads import no_writes


@pytest.fixture
def file(api: Client) -> dict[str, Any]:
    """A SEPA file of two direct debits."""
    ready_to_collect(api)
    made: dict[str, Any] = collect(api, collectable_invoice(api), collectable_invoice(api)).ok(201)
    return made


def link_to(api: Client, file: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A new link to an XML file."""
    made: dict[str, Any] = api.post(f"{PATH}/{file['id']}/download-links", body).ok(201)
    return made


def opened(link: dict[str, Any]) -> Response:
    """The answer to anybody who opens the link."""
    return Client(None).get("/downloads/" + link["url"].rpartition("/")[2])


def test_a_link_opens_the_xml_file_for_a_day(api: Client, file: dict[str, Any], at: Clock) -> None:
    link, made = link_to(api, file), at.now
    [document] = file["files"]
    assert link["url"].startswith("https://api.test/v1/downloads/")
    assert (link["object"], link["sepa_file_id"], link["file"]) == ("sepa_file_link", file["id"], document["id"])
    assert (link["expires_at"], link["uses"], link["revoked_at"]) == ("2026-03-11T12:00:00.000Z", 0, None)
    answer = opened(link)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (answer.status, int(query["X-Amz-Expires"][0]) <= 300) == (302, True)
    assert f"{file['message_id']}.xml" in query["response-content-disposition"][0]
    assert requests.get(answer.headers["Location"], timeout=5).content == xml_of(api, file)
    at.now = made + timedelta(hours=24) - timedelta(seconds=1)
    assert opened(link).status == 302
    at.now = made + timedelta(hours=24)
    assert (opened(link).status, opened(link).code) == (410, "LINK_EXPIRED")


@pytest.mark.parametrize("seconds", [4, 86_401, "60"])
def test_the_lifetime_of_a_link_is_at_most_a_day(api: Client, file: dict[str, Any], seconds: object) -> None:
    refused = api.post(f"{PATH}/{file['id']}/download-links", {"expires_in": seconds})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/expires_in")


def test_a_canceled_file_has_no_link_and_ends_its_links(api: Client, file: dict[str, Any]) -> None:
    link = link_to(api, file)
    api.post(f"{PATH}/{file['id']}/cancel").ok()
    refused = api.post(f"{PATH}/{file['id']}/download-links")
    assert (refused.status, refused.code) == (409, "SEPA_FILE_CANCELED")
    assert (opened(link).status, opened(link).code) == (410, "LINK_EXPIRED")


def test_a_link_never_opens_a_replaced_xml_file(api: Client, file: dict[str, Any]) -> None:
    link = link_to(api, file, document_id=file["files"][0]["id"])
    canceled = api.get(f"{PATH}/{file['id']}").ok()["transactions"][0]["id"]
    after = api.post(f"{PATH}/{file['id']}/cancel", {"transaction_ids": [canceled]}).ok()
    assert opened(link).code == "LINK_EXPIRED"
    refused = api.post(f"{PATH}/{file['id']}/download-links", {"document_id": file["files"][0]["id"]})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("SEPA_DOCUMENT_NOT_FOUND", "/document_id")
    assert requests.get(opened(link_to(api, after)).headers["Location"], timeout=5).content == xml_of(api, after)


def test_the_bank_having_the_file_does_not_end_its_links(api: Client, file: dict[str, Any]) -> None:
    link = link_to(api, file)
    api.post(f"{PATH}/{file['id']}/uploaded").ok()
    assert opened(link).status == 302


def test_each_hour_with_downloads_is_recorded_once(api: Client, file: dict[str, Any], at: Clock) -> None:
    link = link_to(api, file)
    for minutes in (0, 10, 60):
        at.now += timedelta(minutes=minutes)
        assert opened(link).status == 302
    used = [one["data"]["details"] for one in details("sepa_file.downloaded")]
    facts = {"sepa_file_id": file["id"], "link_id": link["id"], "file": link["file"]}
    assert used == [facts | {"network": "203.0.113.0/24"}] * 2
    [created] = details("sepa_file.link_created")
    assert created["data"]["details"] == facts | {"expires_at": link["expires_at"]}


def test_a_download_that_cannot_be_recorded_fails(api: Client, file: dict[str, Any]) -> None:
    """Unlike a customer, who gets a document in any case: this file has the accounts of all customers."""
    link = link_to(api, file)
    with no_writes("denied"):
        assert opened(link).status >= 500
    assert opened(link).status == 302


def test_only_writers_of_collections_have_links(
    api: Client, file: dict[str, Any], sign_in: Callable[..., Client], stranger: Client
) -> None:
    path, link = f"{PATH}/{file['id']}/download-links", link_to(api, file)
    for client, status in ((sign_in(Role.AUDITOR), 403), (stranger, 404)):
        assert (client.post(path).status, client.delete(f"{path}/{link['id']}").status) == (status, status)
    assert opened(link).status == 302


def test_the_url_is_returned_once(api: Client, file: dict[str, Any], stored_text: Callable[[], str]) -> None:
    path, headers = f"{PATH}/{file['id']}/download-links", {"Idempotency-Key": "l"}
    first = api.post(path, headers=headers).ok(201)
    assert api.post(path, headers=headers).ok(201) == {**first, "url": None}
    assert first["url"].rpartition("/")[2] not in stored_text()
