"""Tokens of the one OIDC issuer that the deployment names: signature, issuer, audience and time must hold.

The library is loaded for the first token, because API keys do not need it.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from invoicing import config
from invoicing.core.errors import InvalidToken
from invoicing.users.bearer import SKEW, Bearer

if TYPE_CHECKING:
    from jwt import PyJWKClient

ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"},
)
"""The accepted signature algorithms. They are asymmetric, so a verifier cannot sign."""
_TIMEOUT_SECONDS = 3
_KEYS_KEPT_SECONDS = 300


def is_token(secret: str) -> bool:
    """Whether a credential is a token (a JWS has three parts); an API key has no dots."""
    return secret.count(".") == 2


def bearer_of(token: str) -> Bearer:
    """The claims of a token after all its checks."""
    issuer = config.issuer()
    if issuer is None:
        raise InvalidToken("This deployment does not accept tokens.")
    return Bearer.of(_verified(token, issuer), issuer.claim_prefix)


def _verified(token: str, issuer: config.Issuer) -> Mapping[str, Any]:
    import jwt

    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        if not isinstance(key_id, str):
            raise InvalidToken("The token has no key id (`kid`).")
        key = _keys(issuer.url).get_signing_key(key_id)
        if key.algorithm_name not in ASYMMETRIC:
            raise InvalidToken("The issuer's key is not an asymmetric public key.")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=issuer.url,
            audience=issuer.audience,
            leeway=SKEW,
            options={"require": ["exp", "iat", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
        )
    except jwt.PyJWKClientConnectionError:
        raise  # The issuer does not respond, which is no fault of the token.
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)) from None
    return claims


@cache
def _keys(issuer: str) -> "PyJWKClient":
    """The issuer's public keys. An unknown key is fetched again, at most every half minute."""
    from jwt import PyJWKClient

    return PyJWKClient(_keys_url(issuer), timeout=_TIMEOUT_SECONDS, lifespan=_KEYS_KEPT_SECONDS)


def _keys_url(issuer: str) -> str:
    """The URL of the issuer's keys (OpenID Connect Discovery 1.0, section 4)."""
    import urllib.request

    with urllib.request.urlopen(  # noqa: S310 — the deployment's own setting
        f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_TIMEOUT_SECONDS
    ) as response:
        document = json.load(response)
    url = str(document["jwks_uri"])
    if document["issuer"] != issuer or urlsplit(url).scheme != urlsplit(issuer).scheme:
        raise RuntimeError(f"{issuer} has no valid discovery document")
    return url
