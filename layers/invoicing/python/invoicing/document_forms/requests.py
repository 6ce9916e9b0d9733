"""Requests about document forms."""

from typing import Annotated

from pydantic import Base64Bytes, ConfigDict, Field

from invoicing.core.model import Language, Model, Value
from invoicing.document_forms.design import FormDocument

_MOST = 300_000


class SetLetterhead(Value):
    """The letterhead of a document form."""

    file: Annotated[Annotated[Base64Bytes, Field(max_length=_MOST)] | None, Field(examples=["JVBERi0xLjcK"])]
    """PDF file in base64, at most 300 kB and two A4 pages; null removes the letterhead.

    Fonts that it does not contain are replaced by similar ones.
    """


class FormPreviewQuery(Model):
    """The sample that a document form is shown on."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: FormDocument = "invoice"
    """Type of the sample."""
    language: Language | None = None
    """Language of the sample; the tenant's by default."""
