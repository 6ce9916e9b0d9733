"""What clients say about dunning."""

from typing import Annotated

from pydantic import Field

from invoicing.core.ids import CustomerId, InvoiceId
from invoicing.core.model import ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.dunning.document import DocumentStatus
from invoicing.dunning.rule import HIGHEST_LEVEL


class StartDunningRun(Value):
    """Whether to show only what a run would do."""

    dry_run: bool = False


class CancelDunningDocument(Value):
    """Why it is taken back; for the timeline, not for the customer."""

    reason: ShortText | None = None


class DunningDocumentQuery(ListQuery):
    """Which reminders and dunning letters to list."""

    status: DocumentStatus | None = None
    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)] | None = None
    invoice_id: InvoiceId | None = None
    customer_id: CustomerId | None = None
