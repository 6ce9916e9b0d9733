"""The texts of mails that a tenant sets, with placeholders for data of the document."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from invoicing.core.model import ENTERED, LongText, ShortText, Value

MOST_COPIES = 5
"""The most blind copies of each mail to the company itself."""
PLACEHOLDERS = (
    "number", "total", "due_date", "name", "seller", "link", "link_until", "page", "invoice_number", "open", "fee",
    "interest", "level",
)  # fmt: skip
"""The placeholders of texts: the last five are for reminders, `link` and `link_until` for mails with documents."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, facts: Mapping[str, str]) -> str:
    """A text with its placeholders replaced, once: inserted values are never expanded again."""
    return _PLACEHOLDER.sub(lambda found: facts.get(found.group(1), found.group()), text)


def _known_placeholders(text: str, info: ValidationInfo) -> str:
    """Refuse unknown placeholders in requests. A stored text may have placeholders of newer code."""
    for name in _PLACEHOLDER.findall(text) if info.context is ENTERED else ():
        if name not in PLACEHOLDERS:
            raise PydanticCustomError(
                "placeholder", "Unknown placeholder; known placeholders are {known}", {"known": ", ".join(PLACEHOLDERS)}
            )
    return text


class MailText(Value):
    """Subject and text of a mail in one language.

    Placeholders such as `{number}`, `{total}` and `{due_date}` are replaced.
    """

    subject: Annotated[ShortText, AfterValidator(_known_placeholders)] | None = None
    """Subject of the mail. Null uses the default subject."""
    text: Annotated[LongText, AfterValidator(_known_placeholders)] | None = None
    """Text of the mail. Null uses the default text."""
