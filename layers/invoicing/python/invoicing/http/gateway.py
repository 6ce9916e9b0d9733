"""API Gateway's shapes (REST, Lambda proxy), as far as the service uses them."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict


class Answer(TypedDict):
    """What a function hands to the gateway."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: NotRequired[bool]


Event = Mapping[str, Any]
"""What the gateway hands to a function."""
