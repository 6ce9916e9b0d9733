"""Requests about SEPA files."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.ids import FileId, InvoiceId, TransactionId
from invoicing.core.model import Day, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.transactions.model import TransactionType

MOST_IDS = 1_000
LONGEST_LINK_SECONDS = 86_400


class CreateSepaFile(Value):
    """The direct debits or credit transfers of a new SEPA file."""

    type: TransactionType
    """Type of the transactions: a `debit` collects invoices, a `credit` pays back the `refund_due` of documents."""
    due_on: Annotated[Day | None, Field(examples=["2026-12-14"])] = None
    """Day on which the bank executes them, moved to the next day on which banks settle. By default the earliest one."""
    bank_account_id: ShortText | None = None
    """Bank account of the tenant that gets or pays the money; by default the first one with an IBAN."""
    invoice_ids: Annotated[tuple[InvoiceId, ...], Field(min_length=1, max_length=MOST_IDS)] | None = None
    """Documents to collect or refund, 1 to 1,000. By default all that are ready, at most 1,000."""
    dry_run: bool = False
    """Whether the response only lists the documents, and no file is created."""


class CancelSepaFile(Value):
    """The transactions of a SEPA file that are canceled."""

    transaction_ids: Annotated[tuple[TransactionId, ...], Field(min_length=1, max_length=MOST_IDS)] | None = None
    """Transactions to cancel, 1 to 1,000. By default all of them, and with them the file."""


class SepaXmlQuery(Value):
    """Query parameters of an XML file for the bank."""

    document_id: FileId | None = None
    """XML file among `files` of the SEPA file; by default the first one."""


class CreateSepaFileLink(Value):
    """The XML file that a new link opens, and how long the link is valid."""

    document_id: FileId | None = None
    """XML file among `files` of the SEPA file; by default the first one."""
    expires_in: Annotated[int, Field(ge=5, le=LONGEST_LINK_SECONDS)] = LONGEST_LINK_SECONDS
    """Number of seconds until the link expires, from 5 to 86,400 (1 day)."""


class SepaFileQuery(ListQuery):
    """Filters for SEPA files; an entry matches all that are given."""

    type: TransactionType | None = None
    """Files with transactions of this type."""
    status: Literal["created", "uploaded", "settled", "canceled"] | None = None
    """Files with this status."""
    bank_account_id: ShortText | None = None
    """Files of this bank account."""
