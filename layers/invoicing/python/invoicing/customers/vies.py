"""The REST API of VIES (https://ec.europa.eu/taxation_customs/vies), called only where the stage checks VAT ids."""

from functools import cache
from typing import Annotated, Final

import urllib3
from pydantic import Field, ValidationError

from invoicing import config
from invoicing.core.model import Model
from invoicing.customers.vat_check import Answer

_OK: Final = 200
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=20)
_REQUESTER_REFUSED: Final = "INVALID_REQUESTER_INFO"
_NOT_DISCLOSED: Final = "---"
_LONGEST: Final = 1_000
"""The most characters of a name or an address that are kept."""


class Unanswered(Exception):
    """VIES or the member state did not answer whether the VAT id is valid. It may answer later."""


class _Problem(Model):
    error: str = "UNKNOWN"


class _Response(Model):
    valid: bool | None = None
    country: Annotated[str | None, Field(alias="countryCode")] = None
    number: Annotated[str | None, Field(alias="vatNumber")] = None
    name: str | None = None
    address: str | None = None
    identifier: Annotated[str | None, Field(alias="requestIdentifier")] = None
    problems: Annotated[tuple[_Problem, ...], Field(alias="errorWrappers")] = ()


def ask(vat_id: str, requester: str | None = None) -> Answer:
    """Ask whether a VAT id is valid. `requester`: the VAT id on whose behalf VIES gives a consultation number.

    Only a complete answer about this VAT id is a result. Raises `Unanswered` otherwise.
    """
    response = _posted(vat_id, requester)
    codes = [one.error for one in response.problems]
    if requester is not None and _REQUESTER_REFUSED in codes:
        return ask(vat_id)
    if codes or response.valid is None:
        raise Unanswered(", ".join(codes) or "no result")
    if (response.country, response.number) != (vat_id[:2], vat_id[2:]):
        raise Unanswered("an answer about another VAT id")
    return Answer(response.valid, _disclosed(response.name), _disclosed(response.address), response.identifier or None)


def _posted(vat_id: str, requester: str | None) -> _Response:
    asked = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:]}
    if requester is not None:
        asked |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
    url = f"{config.vies_url()}/check-vat-number"
    try:
        response = _pool().request("POST", url, json=asked, timeout=_TIMEOUT, retries=False, redirect=False)
        found = _Response.model_validate_json(response.data)
    except (urllib3.exceptions.HTTPError, ValidationError) as failure:
        raise Unanswered(type(failure).__name__) from failure
    if response.status != _OK and not found.problems:
        raise Unanswered(f"HTTP {response.status}")
    return found


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=1)


def _disclosed(text: str | None) -> str | None:
    shown = (text or "").strip()[:_LONGEST]
    return shown if shown and shown != _NOT_DISCLOSED else None
