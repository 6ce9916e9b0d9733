"""The log of the service in tests: each line and each metric, and the personal data that neither may contain."""

import re
import sys
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics.provider.cloudwatch_emf import cloudwatch

from invoicing import observability
from tests import builders

logged: list[str] = []
"""The lines since the last time that a test emptied the list."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b")


class _Output:
    """Standard output, even if pytest has replaced it."""

    def write(self, text: str) -> int:
        logged.append(text)
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def follow_the_log() -> None:
    """Write the log of this process to the present standard output, and collect it."""
    handler: Any = observability.logger().registered_handler
    output = _Output()
    handler.setStream(output)
    # Metrics are lines of the log that Powertools prints past the logger.
    vars(cloudwatch)["print"] = lambda text: output.write(f"{text}\n")


def personal_data_in(lines: list[str]) -> set[str]:
    """E-mail addresses, IBANs, and the names and streets of the test data."""
    text = "".join(lines)
    return {*_EMAIL.findall(text), *_IBAN.findall(text), *(one for one in _names() if one in text)}


@cache
def _names() -> set[str]:
    user, customer, tenant = builders.user(), builders.customer_json(), builders.tenant()
    address = tenant.address
    names = {f"{user.first_name} {user.last_name}", customer["name"], customer["address"]["line1"], tenant.name}
    return names | ({address.line1} if address and address.line1 else set())
