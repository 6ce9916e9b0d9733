"""The environment variables, read only here and only when needed."""

import os
from functools import cache
from typing import NamedTuple

VERSION = "0.1.0"
"""The version of this package. In Lambda it is not installed, so no metadata has it."""

DEFAULT_ERROR_PAGES = "/v1/errors"
"""The path of the pages that document error codes, where the deployment sets no other URL. The API serves them."""
VIES = "https://ec.europa.eu/taxation_customs/vies/rest-api"
"""The REST API of VIES."""


class MissingVariable(RuntimeError):
    """The deployment did not give this function an environment variable that it needs."""


@cache
def setting(name: str) -> str:
    """The value of one environment variable; its absence is a fault of the deployment and raises an error."""
    value = os.environ.get(name)
    if value is None:
        raise MissingVariable(name)
    return value


@cache
def service() -> str:
    """The name of the deployment in logs and metrics: one account may hold several stages."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", "invoicing")


class Retention(NamedTuple):
    """The lock of issued documents: S3's mode, and the years after the calendar year of issue."""

    mode: str
    years: int


def retention() -> Retention | None:
    """The lock of issued documents; None if the deployment locks none."""
    mode, _, years = setting("FILES_RETENTION").partition(" ")
    return Retention(mode, int(years)) if mode else None


class Issuer(NamedTuple):
    """The accepted tokens: their issuer and audience, and the prefix of the company's own claims."""

    url: str
    audience: str
    claim_prefix: str


@cache
def issuer() -> Issuer | None:
    """The OIDC issuer that the deployment names, if it names one."""
    url = os.environ.get("OIDC_ISSUER")
    return Issuer(url, setting("OIDC_AUDIENCE"), os.environ.get("OIDC_CLAIM_PREFIX", "")) if url else None


@cache
def error_pages() -> str:
    """The URL of the pages that document error codes, without a slash at its end."""
    return os.environ.get("ERROR_PAGES_URL", DEFAULT_ERROR_PAGES)


@cache
def vies_url() -> str:
    """The URL of the API that checks VAT ids, without a slash at its end."""
    return os.environ.get("VIES_URL", VIES)


@cache
def test_clocks() -> bool:
    """Whether tenants have test clocks that can be set: only in the embedded stack."""
    return "TEST_CLOCKS" in os.environ


@cache
def allowed_origins() -> frozenset[str]:
    """The web pages that may call the API from a browser (CORS); none unless the deployment names them."""
    return frozenset(filter(None, os.environ.get("CORS_ORIGINS", "").split(",")))


def library_paths() -> dict[str, str]:
    """The environment that another program needs to find its libraries: nothing of the deployment, no credentials."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def in_lambda() -> bool:
    """Whether this process is a Lambda worker, which is prepared before the first request."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def starts_from_snapshot() -> bool:
    """Whether Lambda takes a snapshot of this worker after its init and starts others from it (SnapStart)."""
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
