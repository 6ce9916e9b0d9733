"""Whom requests to AWS trust to be AWS."""

import re
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import botocore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from invoicing.adapters.aws import connection
from invoicing.adapters.aws.connection import exchange
from invoicing.adapters.aws.errors import NotSent
from tests.servers import Answer, Server, answers, serving

ROOTS = connection._ROOTS
BUNDLE = Path(botocore.__file__).with_name("cacert.pem")
_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


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
