"""E-mail addresses that Amazon SES can deliver to, and the size of the mails that it accepts."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from invoicing.core.model import ENTERED

MAX_LENGTH = 254
MOST_MAIL_BYTES = 40 * 1024 * 1024
"""The size of a message that SES accepts, with its attachments in base64 (service quota, cannot be raised)."""
MOST_MAILBOX = 320
"""The most characters of the sender with its name, as SES accepts it."""
_HEADERS_BYTES = 64 * 1024
"""The most bytes of headers and boundaries."""
_STORED = re.compile(r"[^@\s\x00-\x1f<>,;:\"]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?=[A-Za-z]){_LABEL}")
_MESSAGE = "Input should be an e-mail address such as buyer@example.com, without accents before the @"


def mail_bytes(parts: Iterable[int]) -> int:
    """The size of a mail with parts of these sizes: base64 takes a third more, and a line break after 76 characters."""
    encoded = (4 * -(-size // 3) for size in parts)
    return _HEADERS_BYTES + sum(size + 2 * (size // 76 + 1) for size in encoded)


def mailbox(name: str | None, address: str) -> str:
    """An address with a display name (RFC 5322, 3.4): quoted, or encoded if it is not ASCII (RFC 2047).

    A name can have no line break, so it adds no header.
    """
    if not name:
        return address
    # Loaded here, as only mails need it.
    from email.header import Header
    from email.utils import formataddr

    if name.isascii() and "=?" not in name:
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', maxlinelen=75).encode(linesep='')} <{address}>"


def _deliverable(address: str, info: ValidationInfo) -> str:
    """The address with its domain in ASCII (punycode, RFC 5891).

    SES accepts only ASCII before the @ (no RFC 6531), as a dot-atom (RFC 5321, section 4.1.2). Addresses that were
    stored before this rule are read as they are.
    """
    if info.context is ENTERED:
        local, _, domain = address.rpartition("@")
        address = f"{local}@{_in_ascii(domain)}"
        if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(_in_ascii(domain)):
            raise PydanticCustomError("email", _MESSAGE)
    if len(address) > MAX_LENGTH or not _STORED.fullmatch(address):
        raise PydanticCustomError("email", _MESSAGE)
    return address


def _in_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    # Loaded here, as most domains are ASCII. Python's own codec follows IDNA 2003, which converts `ß` to `ss`: that is
    # another domain.
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise PydanticCustomError("email", "The domain of the e-mail address is not a valid domain name") from None


Email = Annotated[
    str,
    Field(max_length=MAX_LENGTH, examples=["buyer@example.com"]),
    AfterValidator(_deliverable),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": MAX_LENGTH,
            "pattern": r"^[^@\s<>,;:]{1,64}@[^@\s<>,;:]+\.[^@\s<>,;:]+$",
            "examples": ["buyer@example.com"],
        }
    ),
]
"""At most 254 characters. Requests accept an address without a display name and without accents before the `@`."""
