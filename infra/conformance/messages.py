"""SQS and EventBridge: queues with dead letters, events and their patterns."""

import json
from typing import Any

from infra.conformance.assumption import assumption, eventually, refused, require, require_equal
from infra.conformance.resources import Resources, first_receive, receive
from invoicing.aws.clients import client
from invoicing.aws.uploads import INCOMING
from invoicing.core.event import SOURCE
from invoicing.outbox.rows import BYTES_A_CALL, ENTRIES_A_CALL

_BODY = json.dumps({"detail": {"note": "Süß €"}}, ensure_ascii=False)


def _send(url: str, body: str = _BODY, **attributes: str) -> None:
    typed: Any = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
    client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=typed)


def _release(url: str, message: dict[str, Any]) -> None:
    """Make a received message visible again, as if its time was over."""
    client("sqs").change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)


@assumption("SQS")
def a_message_arrives_unchanged(made: Resources) -> None:
    """A message arrives with its body and attributes, and its first delivery counts as 1."""
    url = made.queue()
    _send(url, code="INVALID_STATE", reason="Größer")
    message = first_receive(url, "the message")
    require_equal(message["Body"], _BODY)
    found = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    require_equal(found, {"code": "INVALID_STATE", "reason": "Größer"})
    require_equal(message["Attributes"]["ApproximateReceiveCount"], "1")


@assumption("SQS")
def a_message_is_delivered_again(made: Resources) -> None:
    """A message that is not deleted becomes visible again, and its deliveries are counted."""
    url = made.queue(VisibilityTimeout="1")
    _send(url)
    first = first_receive(url, "the message")
    second = first_receive(url, "the second delivery")
    require_equal(second["MessageId"], first["MessageId"])
    require_equal(second["Attributes"]["ApproximateReceiveCount"], "2")


@assumption("SQS")
def a_failed_message_goes_to_the_dead_letter_queue(made: Resources) -> None:
    """After the last attempt a message is in the dead-letter queue, unchanged, and in no other."""
    dead = made.queue()
    redrive = json.dumps({"deadLetterTargetArn": made.arn_of(dead), "maxReceiveCount": 2})
    url = made.queue(RedrivePolicy=redrive)
    _send(url, code="X")
    for _ in range(2):
        _release(url, first_receive(url, "a delivery"))

    def moved() -> list[dict[str, Any]]:
        # SQS moves a message when it would be delivered once more.
        require_equal(receive(url), [])
        return receive(dead)

    message = eventually(moved, "the dead letter")[0]
    require_equal((message["Body"], message["MessageAttributes"]["code"]["StringValue"]), (_BODY, "X"))


@assumption("SQS")
def a_delayed_message_waits(made: Resources) -> None:
    """A message of a queue with a delay is not delivered before it is over."""
    url = made.queue(DelaySeconds="3")
    _send(url)
    require_equal(receive(url), [])
    first_receive(url, "the delayed message")


@assumption("SQS")
def dead_letters_can_be_moved_back(made: Resources) -> None:
    """`StartMessageMoveTask` moves dead letters back to their queue, as operators do after a repair."""
    dead = made.queue()
    redrive = json.dumps({"deadLetterTargetArn": made.arn_of(dead), "maxReceiveCount": 1})
    url = made.queue(RedrivePolicy=redrive)
    _send(dead)
    made.manager("sqs").start_message_move_task(SourceArn=made.arn_of(dead), DestinationArn=made.arn_of(url))
    require_equal(first_receive(url, "the moved message")["Body"], _BODY)


def _entry(made: Resources, type_: str, detail: object, source: str = SOURCE) -> Any:
    text = detail if isinstance(detail, str) else json.dumps(detail)
    return {"EventBusName": made.bus, "Source": source, "DetailType": type_, "Detail": text}


def _delivered(url: str, entries: list[Any]) -> list[dict[str, Any]]:
    """Publish events until the first ones arrive, because a new rule takes some seconds to apply."""

    def publish() -> list[dict[str, Any]]:
        require_equal(client("events").put_events(Entries=entries)["FailedEntryCount"], 0)
        return receive(url)

    messages = [*eventually(publish, "an event"), *receive(url)]
    return [json.loads(message["Body"]) for message in messages]


@assumption("EventBridge")
def an_event_arrives_in_its_envelope(made: Resources) -> None:
    """A rule of source and type delivers an event with id, source, type and detail, and no other event."""
    url = made.subscribed({"source": [SOURCE], "detail-type": ["invoice.paid", "invoice.sent"]})
    others = [_entry(made, "invoice.paid", {}, "orders"), _entry(made, "invoice.overdue", {})]
    for event in _delivered(url, [*others, _entry(made, "invoice.paid", {"note": "Süß €"})]):
        found = [event["source"], event["detail-type"], event["detail"]]
        require_equal(found, [SOURCE, "invoice.paid", {"note": "Süß €"}])
        require(event["id"], event)


@assumption("EventBridge")
def a_pattern_selects_by_the_detail(made: Resources) -> None:
    """Patterns select by values, prefixes and other prefixes inside the detail."""
    ours = {"bucket": {"name": [made.bucket]}}
    mails = {"mail": {"tags": {"ses:configuration-set": [made.bus]}}}
    patterns = {
        "upload": ours | {"object": {"key": [{"prefix": INCOMING}]}},
        "file": ours | {"object": {"key": [{"anything-but": {"prefix": INCOMING}}]}},
        "mail": mails,
    }
    objects = [(made.bucket, "upload", f"{INCOMING}1"), (made.bucket, "file", "ten/1"), ("another", "none", INCOMING)]
    entries = [
        *(_entry(made, type_, {"bucket": {"name": name}, "object": {"key": key}}) for name, type_, key in objects),
        _entry(made, "none", {"mail": {"tags": {"ses:configuration-set": ["another"]}}}),
        _entry(made, "mail", mails),
    ]
    for type_, pattern in patterns.items():
        url = made.subscribed({"source": [SOURCE], "detail": pattern})
        require_equal({event["detail-type"] for event in _delivered(url, entries)}, {type_})


@assumption("EventBridge")
def each_entry_has_its_result(made: Resources) -> None:
    """PutEvents answers each entry in order: accepted with an id, or refused alone with its code."""
    entries = [_entry(made, "x", {}), _entry(made, "x", "{not JSON"), _entry(made, "x", {})]
    answer = client("events").put_events(Entries=entries)
    require_equal(answer["FailedEntryCount"], 1)
    require_equal([one.get("ErrorCode") for one in answer["Entries"]], [None, "MalformedDetail", None])
    require_equal(["EventId" in one for one in answer["Entries"]], [True, False, True])


@assumption("EventBridge")
def a_call_has_ten_entries(made: Resources) -> None:
    """PutEvents accepts ten entries and 240,000 bytes, and refuses eleven entries as a whole."""
    entries = [_entry(made, "x", {"text": "x" * (BYTES_A_CALL // ENTRIES_A_CALL - 300)})] * ENTRIES_A_CALL
    require_equal(client("events").put_events(Entries=entries)["FailedEntryCount"], 0)
    refused("ValidationException", client("events").put_events, Entries=[_entry(made, "x", {})] * (ENTRIES_A_CALL + 1))


@assumption("EventBridge")
def a_bus_can_be_archived(made: Resources) -> None:
    """An archive of a bus keeps the events of a source."""
    events = made.manager("events")
    bus = events.describe_event_bus(Name=made.bus)["Arn"]
    pattern = json.dumps({"source": [SOURCE]})
    events.create_archive(ArchiveName=made.archive, EventSourceArn=bus, EventPattern=pattern, RetentionDays=1)
    described = events.describe_archive(ArchiveName=made.archive)
    require_equal((described["EventSourceArn"], json.loads(described["EventPattern"])), (bus, {"source": [SOURCE]}))
    require(described["State"] in {"ENABLED", "CREATING"}, described["State"])


@assumption("EventBridge")
def uploads_are_events_of_the_default_bus(made: Resources) -> None:
    """S3 publishes a new object on the default bus, with bucket, key and size."""
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [made.bucket]}}}
    url = made.subscribed(pattern, bus="default")
    sent: list[str] = []

    def upload() -> list[dict[str, Any]]:
        sent.append(f"{INCOMING}{len(sent)}")
        client("s3").put_object(Bucket=made.bucket, Key=sent[-1], Body=b"12345")
        return receive(url)

    # S3 takes about five minutes to publish the first event of a new bucket.
    event = json.loads(eventually(upload, "the event of the upload", seconds=900, pause=5)[0]["Body"])
    require(event["detail"]["object"]["key"] in sent, event)
    require_equal((event["detail"]["bucket"]["name"], event["detail"]["object"]["size"]), (made.bucket, 5))
