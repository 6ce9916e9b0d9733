"""GET /pages/{token}/{file}"""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.functions.invoice_pages.test_open_page import BROWSER, text_of, token_of
from tests.gateway import Client


def test_a_file_of_the_page_opens_for_five_minutes(api: Client, rendered: dict[str, Any]) -> None:
    answer = Client(None).get(f"/pages/{token_of(api, rendered)}/pdf", headers=BROWSER)
    assert answer.status == 302
    location = answer.headers["Location"]
    assert int(parse_qs(urlsplit(location).query)["X-Amz-Expires"][0]) <= 300
    assert requests.get(location, timeout=5).content.startswith(b"%PDF")


def test_a_file_that_is_not_ready_can_be_tried_again(api: Client, issued: dict[str, Any]) -> None:
    path = f"/pages/{token_of(api, issued)}/pdf"
    answer = Client(None).get(path, headers=BROWSER)
    assert answer.status == 409
    assert text_of(answer).startswith("The file is not ready yet Try again")
    assert Client(None).get(path).code == "FILE_NOT_READY"


def test_other_files_are_not_found(api: Client, rendered: dict[str, Any]) -> None:
    token = token_of(api, rendered)
    assert Client(None).get(f"/pages/{token}/letter").code == "FILE_NOT_FOUND"
    assert Client(None).get(f"/pages/{'a' * 43}/pdf").code == "LINK_NOT_FOUND"
