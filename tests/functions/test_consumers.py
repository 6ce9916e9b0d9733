"""The behavior of the worker for every consumer, independent of its source."""

import json
import subprocess
import sys
from typing import Any

import pytest

from infra.discovery import ROOT, discover
from invoicing.aws.grants import Grant
from invoicing.consumers.consumer import Consumer
from invoicing.tenants.model import Tenant
from tests.aws import seed
from tests.builders import outside_event
from tests.events import deliver, deliver_raw, details, dlq_messages
from tests.gateway import Client

CONSUMERS = {found.name: found.declaration for found in discover() if isinstance(found.declaration, Consumer)}


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def event_of_unknown_order(tenant: Tenant) -> str:
    """An event that is refused until its order exists."""
    return outside_event("order.canceled", {"tenant_id": tenant.id, "order": {"external_id": "SO-0"}})


def test_refusals_of_a_sender_have_a_dlq() -> None:
    """A partner gets no response: without this grant a refused event would lose its reason."""
    refusing = {name for name, declared in CONSUMERS.items() if declared.source.expects_refusals}
    assert refusing
    assert {name for name in refusing if Grant.SEND_TO_DLQ not in CONSUMERS[name].grants} == set()


def test_a_processed_message_is_logged_with_its_event(
    api: Client, issued: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    [event] = details("customer.created")
    capsys.readouterr()
    assert deliver("refresh_customer_copies", {**event, "type": "customer.updated"}) == []
    [line] = log_lines(capsys)
    assert (line["operation"], line["outcome"], line["correlation_id"]) == (
        "refresh_customer_copies", "done", event["id"],
    )  # fmt: skip
    assert (line["event_id"], line["event_type"], line["tenant_id"]) == (event["id"], "customer.updated", api.tenant_id)


def test_a_refusal_of_a_partners_event_raises_no_alarm(tenant: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    seed(tenant.id, tenant.model_copy(update={"event_sources": ("orders",)}))
    body = event_of_unknown_order(tenant)
    assert deliver_raw("cancel_order", body) == ["0"]
    assert deliver_raw("cancel_order", body, received=5) == []
    lines = log_lines(capsys)
    assert [(line["level"], line["outcome"], line["code"]) for line in lines] == [
        ("INFO", "failed", "ORDER_NOT_FOUND"),
        ("INFO", "sent to dlq", "ORDER_NOT_FOUND"),
    ]
    assert [line["correlation_id"] for line in lines] == ["0", "0"]
    assert [attributes["code"] for attributes, _ in dlq_messages()] == ["ORDER_NOT_FOUND"]


def test_a_failure_with_an_event_of_this_service_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert deliver_raw("delete_notes", "no JSON") == ["0"]
    line, counted = log_lines(capsys)
    assert (line["level"], line["outcome"], line["code"]) == ("ERROR", "failed", "ValidationError")
    assert (counted["UnexpectedErrors"], counted["operation"]) == ([1], "delete_notes")


def test_without_the_grant_sqs_moves_a_message_to_the_dlq() -> None:
    assert Grant.SEND_TO_DLQ not in CONSUMERS["delete_notes"].grants
    assert deliver_raw("delete_notes", "no JSON", received=CONSUMERS["delete_notes"].attempts) == ["0"]
    assert dlq_messages() == []


def test_a_consumer_loads_its_own_source_only() -> None:
    """Each module that another source needs would make the worker start later."""
    program = """
import sys, functions.events.delete_files
print([name for name in sys.modules if name.startswith("invoicing.consumers.")])
"""
    path = f"{ROOT}:{ROOT / 'layers/invoicing/python'}"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in json.loads(done.stdout.replace("'", '"'))}
    assert loaded == {"bus_events", "consumer", "source", "worker"}
