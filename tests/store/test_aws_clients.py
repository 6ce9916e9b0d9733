"""The configured clients: their retries, connections and signatures."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from invoicing import config
from invoicing.aws import clients, s3
from invoicing.aws.clients import client
from invoicing.aws.errors import AWS_FAULTS, ClientError, outcome_unknown
from tests.servers import Answer, Server, answers, goes, serving, torn
from tests.signatures import require_short_lived

LOCATION = s3.Location("files", "ten_1/ä b")
FOUND = answers(content=b'{"Parameter":{"Value":"x"}}')


@pytest.fixture(autouse=True)
def _new_clients() -> Iterator[None]:
    clients.reset()
    yield
    clients.reset()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Replaces AWS by a server that gives these responses, one after the other."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with ExitStack() as running:

        def start(*given: Answer) -> Server:
            server = running.enter_context(serving(Server(*given)))
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.origin)
            clients.reset()
            return server

        yield start


def get_parameter() -> Any:
    return client("ssm").get_parameter(Name="x")["Parameter"]["Value"]


def test_a_worker_makes_each_client_once() -> None:
    first = client("dynamodb")
    assert client("dynamodb") is first
    clients.reset()
    assert client("dynamodb") is not first


def test_one_connection_serves_many_requests(serve: Any) -> None:
    server = serve(*[FOUND] * 3)
    for _ in range(3):
        get_parameter()
    assert (server.came, len(server.asked)) == (1, 3)


@pytest.mark.parametrize(
    "fault",
    [
        goes,
        answers(500, b'{"__type":"InternalServerError"}'),
        answers(503, b"<html>"),
        answers(400, b'{"__type":"x#ThrottlingException"}'),
        answers(400, b'{"__type":"RequestTimeout"}'),
        torn,
    ],
)
def test_a_transient_fault_is_retried_twice(serve: Any, fault: Answer) -> None:
    serve(fault, fault, FOUND)
    assert get_parameter() == "x"
    server = serve(fault, fault, fault, FOUND)
    with pytest.raises(AWS_FAULTS):
        get_parameter()
    assert len(server.asked) == clients.ATTEMPTS == 3


def test_a_refused_request_is_not_retried(serve: Any) -> None:
    server = serve(answers(400, b'{"__type":"ParameterNotFound","message":"There is none."}'), FOUND)
    with pytest.raises(ClientError, match="ParameterNotFound"):
        get_parameter()
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "unknown"), [(goes, True), (answers(500, b"{}"), True), (answers(429, b"{}"), False)]
)
def test_a_mail_is_sent_in_one_attempt(serve: Any, fault: Answer, unknown: bool) -> None:
    server = serve(fault, answers())
    with pytest.raises(AWS_FAULTS) as failed:
        client("sesv2").send_email(Content={})
    assert len(server.asked) == 1
    assert outcome_unknown(failed.value) is unknown


def test_a_mail_that_found_no_connection_was_not_sent(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as nobody:
        monkeypatch.setenv("AWS_ENDPOINT_URL", nobody.origin)
    with pytest.raises(AWS_FAULTS) as failed:
        client("sesv2").send_email(Content={})
    assert not outcome_unknown(failed.value)


def test_a_retried_transaction_keeps_its_token(serve: Any) -> None:
    server = serve(goes, answers(), answers())
    for _ in range(2):
        client("dynamodb").transact_write_items(TransactItems=[{"Delete": {"TableName": "t", "Key": {}}}])
    first, again, other = (json.loads(one)["ClientRequestToken"] for one in server.asked)
    assert first == again != other


def test_a_request_names_the_service_and_its_trace(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "get-invoice")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3;Sampled=1")
    server = serve(FOUND)
    get_parameter()
    assert server.headers[0]["x-amzn-trace-id"] == "Root=1-2-3;Sampled=1"
    assert server.headers[0]["user-agent"].split()[0] == f"invoicing/{config.VERSION}"


def test_time_outs_end_before_the_gateway_gives_up() -> None:
    for service in get_args(clients.Service):
        found: Any = client(service).meta.config
        attempts = found.retries["total_max_attempts"]
        assert attempts * (found.connect_timeout + found.read_timeout) < 29
        assert found.tcp_keepalive


def test_an_object_is_stored_read_described_and_deleted(serve: Any) -> None:
    described = answers(content=b"", x_amz_meta_note_id="1")
    tags = b"<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;</Value></Tag></TagSet></Tagging>"
    server = serve(
        answers(content=b""), answers(content=b"x" * 100_000), described, answers(content=tags), answers(204, b"")
    )
    assert s3.put_new(LOCATION, b"x" * 100_000, "text/plain", {"note_id": "1"})
    assert s3.get(LOCATION) == b"x" * 100_000
    assert s3.metadata(LOCATION) == {"note-id": "1"}
    assert s3.tags(LOCATION) == {"a": "<"}
    s3.delete(LOCATION)
    paths = [f"{method} /files/ten_1/%C3%A4%20b" for method in ("PUT", "GET", "HEAD", "GET", "DELETE")]
    assert [line.partition("?")[0] for line in server.lines] == paths
    assert server.headers[0]["if-none-match"] == "*"
    assert server.headers[0]["x-amz-meta-note_id"] == "1"
    assert server.came == 1


def test_an_existing_object_stays(serve: Any) -> None:
    refusals = [(412, b"PreconditionFailed"), (403, b"AccessDenied")]
    serve(*(answers(status, b"<Error><Code>%b</Code></Error>" % code) for status, code in refusals))
    assert not s3.put_new(LOCATION, b"x", "text/plain", {})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_new(LOCATION, b"x", "text/plain", {})


def test_an_object_that_arrives_in_part_is_read_again(serve: Any) -> None:
    serve(torn, torn, answers(content=b"whole"))
    assert s3.get(LOCATION) == b"whole"
    serve(torn, torn, torn)
    with pytest.raises(AWS_FAULTS):
        s3.get(LOCATION)


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("us-east-1", "amazonaws.com"),
        ("eu-central-1", "amazonaws.com"),
        ("ap-southeast-5", "amazonaws.com"),
        ("us-gov-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
    ],
)
def test_presigned_urls_use_the_regional_host(region: str, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    url = s3.presigned_url(LOCATION, {"ResponseContentType": "text/plain"}, seconds=300)
    require_short_lived(url)
    assert urlsplit(url).netloc == f"files.s3.{region}.{domain}"
    assert "response-content-type=text%2Fplain" in url
    form_url, fields = s3.presigned_form(LOCATION, {"Content-Type": "a/b"}, [{"Content-Type": "a/b"}], seconds=300)
    assert form_url.rstrip("/") == f"https://files.s3.{region}.{domain}"
    assert fields["key"] == LOCATION.key
    assert fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
