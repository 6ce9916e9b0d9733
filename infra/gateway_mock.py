"""Responses that the gateway makes itself: no function runs."""

import json
from collections.abc import Mapping
from typing import Any


def mock(status: int, headers: Mapping[str, str], template: str) -> dict[str, Any]:
    """The integration that responds with fixed headers; the template can set others and the body."""
    return {
        "type": "mock",
        # All media types are configured as binary here, but a template reads text.
        "contentHandling": "CONVERT_TO_TEXT",
        "requestTemplates": {"application/json": json.dumps({"statusCode": status})},
        "passthroughBehavior": "when_no_match",
        "responses": {
            "default": {
                "statusCode": str(status),
                "responseParameters": {
                    f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
                },
                "responseTemplates": {"application/json": template},
            }
        },
    }
