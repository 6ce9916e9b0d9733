"""Every five minutes."""

from datetime import timedelta

from tests.aws import AwsCalls, called_by
from tests.builders import invoice_json
from tests.conftest import Clock
from tests.events import function, outbox
from tests.gateway import Client


def sweep() -> None:
    with called_by("sweep_outbox"):
        function("sweep_outbox").declaration({}, None)


def test_what_the_stream_forgot_is_published_after_two_minutes(api: Client, aws: AwsCalls, at: Clock) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    sweep()
    assert aws.names["events:PutEvents"] == 0
    at.now += timedelta(minutes=2, seconds=1)
    sweep()
    sweep()
    assert aws.names["events:PutEvents"] == 1
    assert not [row for row in outbox() if "GSI7PK" in row]
