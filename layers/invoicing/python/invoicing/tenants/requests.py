"""Requests about the logo."""

from typing import Annotated

from pydantic import Base64Bytes, Field

from invoicing.core.model import Value

_MOST = 300_000
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="


class SetLogo(Value):
    """The logo of the tenant's documents."""

    image: Annotated[Annotated[Base64Bytes, Field(max_length=_MOST)] | None, Field(examples=[_DOT])]
    """PNG file in base64, at most 300 kB and 2,000 pixels on each side; null removes the logo."""
