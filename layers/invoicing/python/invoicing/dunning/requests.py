"""Requests about dunning."""

from typing import Annotated

from pydantic import Field

from invoicing.core.ids import CustomerId, InvoiceId
from invoicing.core.model import ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.dunning.document import DocumentStatus
from invoicing.dunning.rule import HIGHEST_LEVEL


class StartDunningRun(Value):
    """Options of a dunning run."""

    dry_run: bool = False
    """Whether to list the documents that would be issued, without issuing them."""


class CancelDunningDocument(Value):
    """The reason for canceling a reminder or dunning letter."""

    reason: ShortText | None = None
    """Reason for the timeline; the customer does not see it."""


class DunningDocumentQuery(ListQuery):
    """Filters for reminders and dunning letters; an entry matches all that are given."""

    status: DocumentStatus | None = None
    """Documents with this status."""
    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)] | None = None
    """Documents of this dunning level, from 1 to 5."""
    invoice_id: InvoiceId | None = None
    customer_id: CustomerId | None = None
