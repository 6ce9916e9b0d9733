"""Requests about bank statements and transactions."""

from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BeforeValidator, Field

from invoicing.bank.entry import BankAmount, Direction
from invoicing.bank.model import StatementStatus
from invoicing.bank.reading.profile import CsvProfile
from invoicing.core.errors import Invalid
from invoicing.core.ids import BankStatementId
from invoicing.core.model import Day, ShortText
from invoicing.core.page import ListQuery
from invoicing.core.stored_file import Form


def _profile(given: Any) -> Any:
    """A profile from the JSON text of a form's field."""
    if not isinstance(given, str):
        return given
    try:
        return CsvProfile.model_validate_json(given)
    except RecursionError:
        raise ValueError("nested too deep") from None


class UploadStatement(Form):
    """A file of a bank: the only `file` of a form, at most 4 MB, or the `content` of a JSON body."""

    content: Annotated[Base64Bytes, Field(max_length=1_000_000)] | None = None
    """File in base64, in place of one in a form. A JSON body has at most 1 MB."""

    bank_account_id: ShortText | None = None
    """Bank account of the tenant. By default the one whose IBAN the file has; CSV files need it."""
    csv_profile: Annotated[CsvProfile, BeforeValidator(_profile)] | None = None
    """How to read CSV files, as JSON text in the field of a form."""

    @property
    def only_content(self) -> bytes:
        """The content of the file. Refuses a body without one or with several."""
        found = [file.content for file in self.files] + ([] if self.content is None else [self.content])
        if len(found) != 1:
            raise Invalid("Exactly one file is required, in a form or as content.", pointer="/file")
        return found[0]


class BankStatementQuery(ListQuery):
    """Filters for bank statements; an entry matches all that are given."""

    bank_account_id: ShortText | None = None
    """Statements of this bank account."""
    status: StatementStatus | None = None
    """Statements with this status of their import."""
    ended_from: Day | None = None
    """Statements whose last day is this date or later."""
    ended_to: Day | None = None
    """Statements whose last day is this date or earlier."""


class BankTransactionQuery(ListQuery):
    """Filters for bank transactions; an entry matches all that are given."""

    status: Literal["open"] | None = None
    """Transactions with this status."""
    direction: Direction | None = None
    """Money that came in or went out."""
    booked_from: Day | None = None
    """Transactions booked on this date or later."""
    booked_to: Day | None = None
    """Transactions booked on this date or earlier."""
    amount: BankAmount | None = None
    """Transactions of exactly this amount."""
    bank_account_id: ShortText | None = None
    """Transactions on this bank account."""
    statement_id: BankStatementId | None = None
    """Transactions that came with this statement first."""
