"""Neither an API key nor the token of a download link is in any log line or event, nor personal data in a log line."""

import json
from typing import Any

import pytest

from invoicing.observability import count, logger
from tests.aws import damage
from tests.builders import customer_json
from tests.events import deliver, deliver_raw, details, outbox
from tests.gateway import Client
from tests.logs import logged, personal_data_in


def test_keys_and_tokens_are_in_no_log_line_and_no_event(
    api: Client, rendered: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    user = api.get("/users").ok()["data"][0]["id"]
    key = api.post("/api-keys", {"name": "Shop", "user_id": user}).ok(201)["secret"]
    token = api.post(f"/invoices/{rendered['id']}/download-links").ok(201)["url"].rpartition("/")[2]
    unknown_key, unknown_token = f"{key}x", f"{token[:-1]}_"
    for credential in (key, unknown_key):
        Client(credential).get("/invoices")
    for path in (token, unknown_token, "x" * 10):
        Client(None).get(f"/downloads/{path}")
    logged = capsys.readouterr().out
    events = json.dumps(outbox())
    assert {"authorize", "open_download", "create_api_key"} <= {
        json.loads(one)["operation"] for one in logged.splitlines()
    }
    assert "invoice.link_created" in events
    for secret in (key, unknown_key, token, unknown_token):
        assert secret not in logged
        assert secret not in events


def test_personal_data_in_a_log_line_would_be_found() -> None:
    """After each test, its log lines are searched (conftest)."""
    logger().info("sent to einkauf@suess.example", extra={"iban": "DE75512108001245126199", "by": "Ada Admin"})
    count("Sent", street="Marktplatz 3")
    found = personal_data_in(logged)
    logged.clear()
    assert found == {"einkauf@suess.example", "DE75512108001245126199", "Ada Admin", "Marktplatz 3"}


def test_an_operation_logs_ids_only(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    lines = "".join(logged)
    assert api.tenant_id in lines
    assert not [value for value in (customer["name"], *customer["emails"]) if value in lines]


def _errors() -> list[str]:
    """The exceptions that were logged."""
    return [line["exception"] for line in map(json.loads, logged) if line.get("level") == "ERROR"]


def test_an_unreadable_row_is_logged_without_its_data(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    damage(api.tenant_id, customer["id"], address=[customer["name"], "ada@mail.example"])
    assert api.get(f"/customers/{customer['id']}").status == 500
    [error] = _errors()
    assert "validation error for Customer\naddress\n" in error


@pytest.mark.parametrize("detail", [{"actor": "Ada Admin, ada@mail.example"}, {"data": ["ada@mail.example"]}])
def test_an_unreadable_event_is_logged_without_its_data(api: Client, detail: dict[str, Any]) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    api.patch(f"/customers/{customer}", {"name": "Suess GmbH"}).ok()
    [event] = details("customer.updated")
    assert deliver("refresh_customer_copies", {**event, **detail}) == [event["id"]]
    [error] = _errors()
    assert "validation error for _Message" in error


def test_an_unreadable_mail_event_is_logged_without_its_data(api: Client) -> None:
    body = json.dumps({"id": "1", "detail": {"mail": "to ada@mail.example"}})
    assert deliver_raw("record_email_status", body) == ["0"]
    assert len(_errors()) == 1
