"""What clients ask about e-invoices."""

from pydantic import BaseModel, ConfigDict

from invoicing.domain.einvoice import XmlFormat


class XmlQuery(BaseModel):
    """Which format to write; the one that the document was sent as if none is named, else ZUGFeRD."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: XmlFormat | None = None
