"""The environment, read in one place and only when something asks."""

import os
from functools import cache
from typing import NamedTuple


class MissingSetting(RuntimeError):
    """The deployment did not give this function an environment variable that it needs."""


@cache
def setting(name: str) -> str:
    """The value of one environment variable; its absence is a fault of the deployment and says so."""
    return _required(name)


def _required(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise MissingSetting(name)
    return value


@cache
def service() -> str:
    """What logs and metrics name the deployment: one account may hold several stages."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", "invoicing")


class Credentials(NamedTuple):
    """Who asks AWS for something: the function's role, as Lambda gives it to a worker."""

    access_key: str
    secret_key: str
    session_token: str | None


def credentials() -> Credentials:
    """The credentials of this worker."""
    key, secret = _required("AWS_ACCESS_KEY_ID"), _required("AWS_SECRET_ACCESS_KEY")
    return Credentials(key, secret, os.environ.get("AWS_SESSION_TOKEN") or None)


def region() -> str:
    """Where this worker runs."""
    return os.environ.get("AWS_REGION") or _required("AWS_DEFAULT_REGION")


def aws_endpoint() -> str | None:
    """Where all of AWS is, if not in its usual places: the embedded stack."""
    return os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/") or None


def trace_id() -> str | None:
    """The trace that the request at work belongs to, by which Lambda also knows one that runs in circles."""
    return os.environ.get("_X_AMZN_TRACE_ID")


class Issuer(NamedTuple):
    """Whose tokens are taken: their issuer and audience, and what the company's own claims begin with."""

    url: str
    audience: str
    claim_prefix: str


@cache
def issuer() -> Issuer | None:
    """The OIDC issuer that the deployment names, if it names one."""
    url = os.environ.get("OIDC_ISSUER")
    return Issuer(url, setting("OIDC_AUDIENCE"), os.environ.get("OIDC_CLAIM_PREFIX", "")) if url else None


@cache
def test_clocks() -> bool:
    """Whether tenants have clocks of their own that can be set: in the embedded stack, and nowhere else."""
    return "TEST_CLOCKS" in os.environ


@cache
def allowed_origins() -> frozenset[str]:
    """The web pages that may call the API from a browser (CORS); none unless the deployment names them."""
    return frozenset(filter(None, os.environ.get("CORS_ORIGINS", "").split(",")))


def in_lambda() -> bool:
    """Whether this process is a Lambda worker, where all is made ready before the first request."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ
