"""How requests reach AWS: over kept connections, to whom they trust, and again where that may help."""

import json
import re
import select
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, get_args

import botocore
import pytest
from botocore.retries import standard
from botocore.session import get_session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from invoicing.adapters.aws import connection, request, s3
from invoicing.adapters.aws.clients import DIALECTS, Service, client
from invoicing.adapters.aws.connection import Reply, exchange
from invoicing.adapters.aws.errors import SLOW_DOWN, TOO_SLOW, AwsError, AwsFault, NoAnswer, NotSent

ROOTS = connection._ROOTS
BUNDLE = Path(botocore.__file__).with_name("cacert.pem")
_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """A service on loopback; `came` counts connections, `asked` has what was asked of it."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.came = 0
        self.asked: list[str] = []
        self.lines: list[str] = []
        self.headers: list[Message] = []
        self.reads = True
        self.only_once = False
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def origin(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, *args: Any) -> None:
        """Count a connection."""
        self.came += 1
        super().process_request(*args)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0)) if self.server.reads else 0
        self.server.asked.append(self.rfile.read(length).decode())
        self.server.lines.append(f"{self.command} {self.path}")
        self.server.headers.append(self.headers)
        if self.server.only_once:
            self.server.socket.close()
        self.server.answers.pop(0)(self)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 — the library's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def answers(status: int = 200, content: bytes = b"{}", *, close: bool = False, **headers: str) -> Answer:
    """Answers so."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(content)), **named}.items():
            handler.send_header(name, value)
        if close:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def goes(handler: BaseHTTPRequestHandler) -> None:
    """Takes what is asked and goes away."""
    handler.close_connection = True


def torn(handler: BaseHTTPRequestHandler) -> None:
    """Goes away in the middle of an answer."""
    answers(content=b'{"found"', Content_Length="100")(handler)
    handler.close_connection = True


def leaves_after(answer: Answer) -> Answer:
    """Closes the connection after an answer without having said so, as gateways do with idle ones."""

    def both(handler: BaseHTTPRequestHandler) -> None:
        answer(handler)
        handler.close_connection = True

    return both


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Answers until the end."""
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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


class Authority:
    """Somebody who certifies hosts."""

    def __init__(self, folder: Path, name: str) -> None:
        self.key, self.name = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        )
        self.certificate = self._signed(self.name, self.key, ca=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, folder: Path, address: str, *answers: Answer) -> Server:
        """A server with a certificate for this address."""
        key = ec.generate_private_key(ec.SECP256R1())
        issued = self._signed(x509.Name([]), key, ca=False, address=address)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        chain = folder / "server.pem"
        chain.write_bytes(key.private_bytes(*form) + issued.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server = Server(*answers)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        return server

    def _signed(self, subject: x509.Name, key: Any, *, ca: bool, address: str | None = None) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if address:
            names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))])
            builder = builder.add_extension(names, critical=not subject.rdns)
        else:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path | None, Path | None], None]]:
    """Says whom our code takes for Amazon, and whom the system trusts."""

    def trust(amazon: Path | None, system: Path | None) -> None:
        nobody = tmp_path / "nobody"
        nobody.mkdir(exist_ok=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(system or nobody / "x.pem"))
        monkeypatch.setenv("SSL_CERT_DIR", str(nobody))
        monkeypatch.setattr(connection, "_ROOTS", amazon or ROOTS)
        connection.amazon.cache_clear()
        connection._system.cache_clear()

    yield trust
    connection.amazon.cache_clear()
    connection._system.cache_clear()
    connection._resting.clear()


def _asked_over_tls(server: Server) -> int:
    with serving(server):
        return exchange("POST", f"https://127.0.0.1:{server.server_port}", "/", {}, b"{}", seconds=5).status


@pytest.mark.parametrize("who", ["amazon", "system"])
def test_who_is_certified_by_amazon_or_by_one_whom_the_system_trusts_is_asked(
    tmp_path: Path, trusting: Any, who: str
) -> None:
    authority = Authority(tmp_path, "one")
    trusting(authority.file if who == "amazon" else None, authority.file if who == "system" else None)
    assert _asked_over_tls(authority.server(tmp_path, "127.0.0.1", answers())) == 200


@pytest.mark.parametrize("fault", ["authority", "address"])
def test_nothing_is_sent_to_whom_nobody_certifies(tmp_path: Path, trusting: Any, fault: str) -> None:
    one, other = Authority(tmp_path, "one"), Authority(tmp_path, "other")
    trusting(one.file, one.file)
    server = (other if fault == "authority" else one).server(
        tmp_path, "127.0.0.2" if fault == "address" else "127.0.0.1", answers()
    )
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        _asked_over_tls(server)
    assert server.asked == []


def test_amazons_roots_are_those_that_others_know_and_good_for_long() -> None:
    known, ours = ((file.read_text(), _PEM.findall(file.read_text())) for file in (BUNDLE, ROOTS))
    assert set(ours[1]) <= set(known[1])
    read = connection.amazon().get_ca_certs()
    starfield = "Starfield Services Root Certificate Authority - G2"
    names = {starfield, *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4))}
    assert {name for name in names if name in repr(read)} == names
    assert len(read) == len(ours[1]) == len(names)
    ends = [ssl.cert_time_to_seconds(str(one["notAfter"])) for one in read]
    assert min(ends) > time.time() + 365 * 86_400


SESSION = get_session()
PARTITIONS = {one: SESSION.get_available_regions("dynamodb", one) for one in SESSION.get_available_partitions()}


def _host(service: str, region: str) -> str:
    return str(SESSION.create_client(service, region_name=region).meta.endpoint_url)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_services_are_where_botocore_finds_them(partition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = PARTITIONS[partition]
    monkeypatch.setenv("AWS_REGION", first)
    for service in get_args(Service):
        assert request.origin(DIALECTS[service].host) == _host(service, first)
    assert s3.Location("bucket", "a/b").origin.replace("bucket.", "") == _host("s3", first)
    for region in others:
        monkeypatch.setenv("AWS_REGION", region)
        assert request.origin("dynamodb") == _host("dynamodb", region)
