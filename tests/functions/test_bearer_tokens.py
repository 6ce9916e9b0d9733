"""Tokens of the company's own sign-on: C14. Valid tokens are accepted, forgeries are refused."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from invoicing import config
from invoicing.core.identity import Role
from invoicing.tenants.model import Tenant
from invoicing.users import tokens
from invoicing.users.bearer import user_id_of
from tests import builders
from tests.aws import seed
from tests.conftest import Clock
from tests.gateway import Client, Response

AUDIENCE = "invoicing"
RSA = rsa.generate_private_key(65537, 2048)
NEXT = rsa.generate_private_key(65537, 2048)
FOREIGN = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(kid: str, public: Any, algorithm: Any, **more: str) -> dict[str, Any]:
    return {**algorithm.to_jwk(public, as_dict=True), "kid": kid, "use": "sig", **more}


@dataclass
class Issuer:
    """A sign-on on this machine: its discovery document, its keys, and the count of requests for them."""

    url: str
    keys: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def token(self, *, key: Any = RSA, alg: str = "RS256", kid: str | None = "rsa", **claims: Any) -> str:
        """A token of the issuer with the given claims changed; None omits a claim."""
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300, "role": "admin"}
        said |= {"email": "ada@sso.example", "given_name": "Ada", "family_name": "Berg"} | claims
        payload = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(payload, key, algorithm=alg, headers={"kid": kid} if kid else {})


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sign_on.asked.append(self.path)
            body = sign_on.told if "openid" in self.path else {"keys": sign_on.keys}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """No log output."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    sign_on = Issuer(f"http://127.0.0.1:{server.server_port}/pool")
    sign_on.told = {"issuer": sign_on.url, "jwks_uri": f"{sign_on.url}/keys"}
    sign_on.keys = [
        jwk("rsa", RSA.public_key(), RSAAlgorithm, alg="RS256"),
        jwk("ec", EC.public_key(), ECAlgorithm),
        jwk("ed", ED.public_key(), OKPAlgorithm),
        jwk("short", SHORT.public_key(), RSAAlgorithm, alg="RS256"),
        {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(b"a secret that was published" * 2).decode()},
    ]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OIDC_ISSUER", sign_on.url)
    monkeypatch.setenv("OIDC_AUDIENCE", AUDIENCE)
    config.issuer.cache_clear()
    tokens._keys.cache_clear()
    yield sign_on
    server.shutdown()
    server.server_close()
    config.issuer.cache_clear()
    tokens._keys.cache_clear()


@pytest.fixture
def called(issuer: Issuer, tenant: Tenant, at: Clock) -> Callable[..., Response]:
    """Lists invoices with a token of the issuer with the given claims changed."""
    at.now = datetime.now(UTC)

    def call(**claims: Any) -> Response:
        return Client(issuer.token(**{"tenant_id": tenant.id, **claims})).get("/invoices")

    return call


def refused(answer: Response) -> bool:
    return (answer.status, answer.code) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize(("key", "alg", "kid"), [(RSA, "RS256", "rsa"), (EC, "ES256", "ec"), (ED, "EdDSA", "ed")])
def test_a_token_authenticates_its_user(
    called: Callable[..., Response], issuer: Issuer, tenant: Tenant, key: Any, alg: str, kid: str
) -> None:
    called(key=key, alg=alg, kid=kid).ok()
    client = Client(issuer.token(key=key, alg=alg, kid=kid, tenant_id=tenant.id))
    draft = client.post("/invoices", builders.invoice_json()).ok(201)
    assert draft["created_by"] == {"id": user_id_of(issuer.url, "ada"), "name": "Ada Berg"}


def test_a_role_has_the_same_scopes_as_with_a_key(issuer: Issuer, tenant: Tenant, at: Clock) -> None:
    at.now = datetime.now(UTC)
    auditor = Client(issuer.token(tenant_id=tenant.id, role="auditor"))
    auditor.get("/payments").ok()
    assert auditor.post("/invoices", {}).code == "INSUFFICIENT_PERMISSIONS"


def test_a_customers_token_is_bound_to_that_customer(
    called: Callable[..., Response], api: Client, tenant: Tenant, issuer: Issuer
) -> None:
    draft = api.post("/customers", builders.customer_json()).ok(201)["id"]
    called(role="customer", customer_id=draft).ok()
    assert refused(called(role="customer"))
    assert refused(called(role="customer", customer_id="x"))


def test_the_companys_own_claims_can_have_a_prefix(
    called: Callable[..., Response], tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIDC_CLAIM_PREFIX", "custom:")
    config.issuer.cache_clear()
    called(**{"custom:tenant_id": tenant.id, "custom:role": "auditor"}).ok()
    assert refused(called())


def test_a_token_of_a_known_user_acts_as_that_user(
    called: Callable[..., Response], tenant: Tenant, issuer: Issuer
) -> None:
    user = builders.user(Role.MEMBER, last_name="Lovelace")
    seed(tenant.id, user)
    client = Client(issuer.token(tenant_id=tenant.id, user_id=user.id))
    assert client.post("/invoices", {}).ok(201)["created_by"] == {"id": user.id, "name": "Ada Lovelace"}
    seed(tenant.id, user.model_copy(update={"deactivated": True}))
    assert refused(called(user_id=user.id))


def unsigned(header: dict[str, Any], payload: dict[str, Any], sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token built by hand."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload)]
    signed = b".".join(parts)
    return b".".join((signed, base64.urlsafe_b64encode(sign(signed)).rstrip(b"="))).decode()


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.new(secret, signed, hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ({"alg": "none", "kid": "rsa"}, lambda _: b""),
        ({"alg": "None", "kid": "rsa"}, lambda _: b""),
        ({"alg": "", "kid": "rsa"}, lambda _: b""),
        ({"alg": "HS256", "kid": "rsa"}, hs256(PEM)),
        ({"alg": "HS256", "kid": "rsa"}, hs256(PEM.strip())),
        ({"alg": "HS256", "kid": "oct"}, hs256(b"a secret that was published" * 2)),
        ({"alg": "HS256"}, hs256(b"")),
        ({"alg": "RS256", "kid": "rsa"}, lambda _: b""),
        ({"alg": "RS256", "kid": "rsa"}, lambda _: b"\0" * 256),
        ({"alg": "RS256", "kid": ["rsa"]}, lambda _: b"\0" * 256),
        ({"alg": "RS256", "kid": "../../rsa"}, lambda _: b"\0" * 256),
        ({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": False}, lambda _: b"\0" * 256),
        ({"alg": "ES256", "kid": "ec"}, lambda _: b"\0" * 64),
    ],
)
def test_a_token_with_another_signature_is_refused(
    called: Callable[..., Response], issuer: Issuer, tenant: Tenant, header: dict[str, Any], sign: Any
) -> None:
    sound = jwt.decode(issuer.token(tenant_id=tenant.id), options={"verify_signature": False})
    assert refused(Client(unsigned(header, sound, sign)).get("/invoices"))


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")  # One key is too short on purpose.
@pytest.mark.parametrize(
    "forged",
    [
        {"key": FOREIGN},
        {"key": FOREIGN, "kid": "foreign"},
        {"kid": "ec"},
        {"kid": None},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"key": SHORT, "kid": "short"},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another service"},
        {"aud": ["another service"]},
        {"aud": None},
        {"sub": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": 10**20},
        {"iat": None},
        {"role": None},
        {"role": "owner"},
        {"role": ["admin"]},
        {"tenant_id": None},
        {"tenant_id": "ten_01JD8X2V6PZ3QK7M5T9WRC4HBN"},
        {"tenant_id": "ten_x#INV"},
        {"user_id": "ada"},
        {"email": None},
        {"email": "Ada <ada@sso.example>, eve@evil.example"},
    ],
)
def test_a_token_for_others_or_without_claims_is_refused(
    called: Callable[..., Response], forged: dict[str, Any]
) -> None:
    assert refused(called(**forged))


def test_a_key_in_the_token_header_is_not_trusted(
    called: Callable[..., Response], issuer: Issuer, tenant: Tenant
) -> None:
    own = jwk("own", FOREIGN.public_key(), RSAAlgorithm, alg="RS256")
    claims = jwt.decode(issuer.token(tenant_id=tenant.id), options={"verify_signature": False})
    for headers in (
        {"kid": "own", "jwk": own},
        {"kid": "own", "jku": f"{issuer.url}/keys"},
        {"kid": "rsa", "jwk": own},
    ):
        assert refused(Client(jwt.encode(claims, FOREIGN, algorithm="RS256", headers=headers)).get("/invoices"))


@pytest.mark.parametrize("text", ["a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "é.é.é", "." * 2 + "x" * 9_000])
def test_a_malformed_token_is_refused(called: Callable[..., Response], text: str) -> None:
    assert refused(Client(text).get("/invoices"))


def test_clocks_may_differ_by_a_minute(called: Callable[..., Response]) -> None:
    now = int(time.time())
    called(exp=now - 30).ok()
    called(iat=now + 30, nbf=now + 30).ok()
    assert refused(called(exp=now - 90))
    assert refused(called(nbf=now + 90))
    assert refused(called(iat=now + 90))


def test_an_expired_token_is_refused_despite_the_gateway_cache(
    called: Callable[..., Response], issuer: Issuer, tenant: Tenant, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway caches the authorizer's response for 300 s."""
    client = Client(issuer.token(tenant_id=tenant.id, exp=int(time.time()) + 20))
    at.now = datetime.fromtimestamp(time.time() + 75, UTC)
    client.get("/invoices").ok()
    at.now = datetime.fromtimestamp(time.time() + 85, UTC)
    assert refused(client.get("/invoices"))


def test_keys_of_the_issuer_are_cached_and_new_ones_are_fetched(
    called: Callable[..., Response], issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        called().ok()
    assert issuer.asked == ["/pool/.well-known/openid-configuration", "/pool/keys"]
    for _ in range(3):
        assert refused(called(key=NEXT, kid="next"))
    assert len(issuer.asked) == 2, "who knows no key may not make us ask for them again and again"
    issuer.keys = [jwk("next", NEXT.public_key(), RSAAlgorithm, alg="RS256")]
    monkeypatch.setattr(tokens._keys(issuer.url), "cooldown_duration", 0)
    called(key=NEXT, kid="next").ok()
    assert refused(called()), "a key that was withdrawn"


def test_an_unreachable_issuer_is_a_server_error(called: Callable[..., Response], issuer: Issuer) -> None:
    issuer.told = {"issuer": issuer.url, "jwks_uri": "http://127.0.0.1:9/keys"}
    with pytest.raises(jwt.PyJWKClientConnectionError):
        called()


@pytest.mark.parametrize("told", [{"issuer": "https://elsewhere.example"}, {"jwks_uri": "file:///etc/passwd"}])
def test_a_discovery_document_of_another_issuer_is_refused(
    called: Callable[..., Response], issuer: Issuer, told: dict[str, str]
) -> None:
    issuer.told |= told
    with pytest.raises(RuntimeError, match="has no valid discovery document"):
        called()


def test_tokens_are_refused_without_an_issuer(called: Callable[..., Response], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OIDC_ISSUER")
    config.issuer.cache_clear()
    assert refused(called())
