"""How requests reach AWS: over kept connections, and again where that may help."""

import json
import select
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from botocore.retries import standard

from invoicing.adapters.aws import connection, s3
from invoicing.adapters.aws.clients import client
from invoicing.adapters.aws.connection import Reply, exchange
from invoicing.adapters.aws.errors import SLOW_DOWN, TOO_SLOW, AwsError, AwsFault, NoAnswer, NotSent
from tests.servers import Answer, Server, answers, goes, leaves_after, serving, torn


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Makes AWS a server that gives these answers, one after the other."""
    monkeypatch.setattr("random.uniform", lambda *_: 0)
    with ExitStack() as running:

        def start(*given: Answer) -> Server:
            server = running.enter_context(serving(Server(*given)))
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.origin)
            return server

        yield start
    connection._resting.clear()


def ask() -> Any:
    """One operation."""
    return client("ssm").get_parameter(Name="x")


def test_one_connection_serves_many_requests(serve: Any) -> None:
    server = serve(*[answers()] * 3)
    for _ in range(3):
        ask()
    assert (server.came, len(server.asked)) == (1, 3)


def test_what_was_closed_meanwhile_is_opened_again_before_anything_is_asked(serve: Any) -> None:
    server = serve(leaves_after(answers()), answers(close=True), answers())
    post(server)
    [(_, resting)] = connection._resting[server.origin]
    assert select.select([resting.sock], [], [], 10)[0], "the end has not come"
    post(server)
    post(server)
    assert (server.came, len(server.asked)) == (3, 3)


def test_what_rested_for_long_is_not_trusted_to_be_open(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(answers(), answers())
    post(server)
    later = time.time() + connection.KEPT_SECONDS
    monkeypatch.setattr("time.time", lambda: later)
    post(server)
    assert server.came == 2


def post(server: Server, content: bytes = b"{}") -> Reply:
    """One request, once."""
    return exchange("POST", server.origin, "/", {}, content, seconds=10)


def test_what_is_refused_before_all_of_it_was_read_is_refused_and_the_connection_not_used_again(serve: Any) -> None:
    def at_once(handler: BaseHTTPRequestHandler) -> None:
        refused(handler)
        handler.close_connection = True

    refused = answers(412, b"<Error><Code>PreconditionFailed</Code></Error>")
    server = serve(at_once, answers())
    server.reads = False
    with pytest.raises(AwsError, match="PreconditionFailed"):
        s3.put(s3.Location("files", "x"), b"x" * 50_000_000, {}, {})
    assert connection._resting == {}
    server.reads = True
    s3.put(s3.Location("files", "x"), b"x", {}, {})
    assert server.came == 2


def test_a_large_file_may_take_as_long_as_it_moves(serve: Any) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        left = int(handler.headers["Content-Length"])
        while left:
            left -= len(handler.rfile.read(min(left, 1_000_000)))
            time.sleep(0.15)
        answers()(handler)

    server = serve(slowly)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    server.reads = False
    assert exchange("PUT", server.origin, "/x", {}, b"x" * 16_000_000, seconds=1).status == 200


def test_objects_come_and_go_over_one_connection(serve: Any) -> None:
    server = serve(
        answers(), answers(content=b"x" * 100_000), answers(content=b"", x_amz_meta_note_id="1"), answers(204, b"")
    )
    location = s3.Location("files", "ten_1/ä b")
    s3.put(location, b"x" * 100_000, {"content-type": "text/plain"}, {"note_id": "1"})
    assert s3.get(location) == b"x" * 100_000
    assert s3.metadata(location) == {"note-id": "1"}
    s3.delete(location)
    assert server.lines == [f"{method} /files/ten_1/%C3%A4%20b" for method in ("PUT", "GET", "HEAD", "DELETE")]
    assert server.came == 1


@pytest.mark.parametrize(
    "fault",
    [
        goes,
        answers(500, b'{"__type":"InternalServerError"}'),
        answers(503, b"<html>"),
        answers(400, b'{"__type":"x#ThrottlingException"}'),
        answers(400, b'{"__type":"RequestTimeout"}'),
        answers(200, b'{"Parameter":{}}', x_amz_crc32="1"),
        torn,
    ],
)
def test_what_passes_is_asked_again_twice_and_then_said(serve: Any, fault: Answer) -> None:
    server = serve(fault, fault, answers(content=b'{"found":1}'))
    assert ask() == {"found": 1}
    server = serve(fault, fault, fault, answers())
    with pytest.raises(AwsFault):
        ask()
    assert len(server.asked) == 3


def test_all_that_botocore_takes_for_passing_passes() -> None:
    transient: Any = standard.TransientRetryableChecker
    throttled: Any = standard.ThrottledRetryableChecker
    assert {*transient._TRANSIENT_ERROR_CODES, *throttled._THROTTLED_ERROR_CODES} <= SLOW_DOWN | TOO_SLOW
    assert all(AwsError("X", status, "x").passes for status in transient._TRANSIENT_STATUS_CODES)
    assert not AwsError("X", 400, "x").passes


def test_who_asks_too_often_waits_longer(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def most(_: float, longest: float) -> float:
        waited.append(longest)
        return 0

    monkeypatch.setattr("random.uniform", most)
    too_often = answers(400, b'{"__type":"x#ThrottlingException"}')
    serve(too_often, too_often, answers())
    ask()
    serve(goes, goes, answers())
    ask()
    assert waited == [1, 2, 0.2, 0.4]


def test_what_may_have_been_done_is_not_said_to_be_undone(serve: Any) -> None:
    server = serve(goes)
    server.only_once = True
    with pytest.raises(NoAnswer) as lost:
        ask()
    assert not isinstance(lost.value, NotSent)


def test_who_is_not_there_yet_is_asked_again(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(answers(content=b'{"found":1}'))
    real, tries = connection._opened, iter([OSError("refused")])

    def opened(new: Any) -> Any:
        if error := next(tries, None):
            raise error
        return real(new)

    monkeypatch.setattr(connection, "_opened", opened)
    assert ask() == {"found": 1}
    assert server.came == 1


@pytest.mark.parametrize("status", [103, 302])
def test_what_is_neither_done_nor_refused_is_an_error(serve: Any, status: int) -> None:
    serve(answers(status, b"", Location="http://127.0.0.1:9/"))
    with pytest.raises(AwsError, match=f"^GetParameter: {status}"):
        ask()


@pytest.mark.parametrize("content", [b"<html>", b'"busy"', b"[]", b"\xff"])
def test_what_no_service_answers_is_told_as_it_came(serve: Any, content: bytes) -> None:
    serve(answers(200, content), answers(403, content))
    with pytest.raises(NoAnswer, match="not as the service answers: 200"):
        ask()
    with pytest.raises(AwsError, match=r"^GetParameter: 403 not as the service answers"):
        ask()


def test_a_request_names_its_trace_and_an_error_its_request(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3;Sampled=1")
    server = serve(answers(400, b'{"__type":"ParameterNotFound"}', x_amzn_requestid="r-1"))
    with pytest.raises(AwsError, match=r"^GetParameter: ParameterNotFound \[r-1\]$"):
        ask()
    assert server.headers[0]["x-amzn-trace-id"] == "Root=1-2-3;Sampled=1"
    denied = b"<Error><Code>AccessDenied</Code><Message>not authorized to perform: s3:GetObject</Message></Error>"
    serve(answers(403, denied, x_amz_request_id="r-2"))
    with pytest.raises(AwsError, match=r"^GetObject: AccessDenied not authorized .* \[r-2\]$"):
        s3.get(s3.Location("files", "x"))


def test_what_was_refused_is_not_asked_again(serve: Any) -> None:
    server = serve(answers(400, b'{"__type":"ParameterNotFound","message":"There is none."}'), answers())
    with pytest.raises(AwsError, match=r"^GetParameter: ParameterNotFound There is none\.$"):
        ask()
    assert len(server.asked) == 1


def test_a_mail_is_never_asked_for_twice(serve: Any) -> None:
    server = serve(goes, answers())
    with pytest.raises(NoAnswer) as lost:
        client("sesv2").send_email(Content={})
    assert not isinstance(lost.value, NotSent)
    assert len(server.asked) == 1


def test_a_transaction_that_is_asked_again_is_known_by_its_token(serve: Any) -> None:
    server = serve(goes, answers(), answers())
    for _ in range(2):
        client("dynamodb").transact_write_items(TransactItems=[])
    first, again, other = (json.loads(one)["ClientRequestToken"] for one in server.asked)
    assert first == again != other


def test_an_answer_arrives_whole(serve: Any) -> None:
    content = json.dumps({"found": "x" * 1_000_000}).encode()
    serve(answers(content=content, x_amz_crc32=str(zlib.crc32(content))))
    assert len(ask()["found"]) == 1_000_000


def test_who_does_not_answer_in_time_is_given_up(serve: Any) -> None:
    over = threading.Event()
    server = serve(lambda _: over.wait(10))
    with pytest.raises(NoAnswer, match="TimeoutError"):
        exchange("POST", server.origin, "/", {}, b"{}", seconds=0.05)
    over.set()


def test_where_nobody_is_nothing_was_sent() -> None:
    with Server() as nobody:
        origin = nobody.origin
    with pytest.raises(NotSent):
        exchange("POST", origin, "/", {}, b"", seconds=1)
