"""Requests about the allocation of bank transactions."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.bank.requests import BankTransactionQuery
from invoicing.core.ids import BankStatementId, InvoiceId
from invoicing.core.model import Day, ShortText, Value, values_of
from invoicing.payments.model import PositiveAmount


class AllocationRequest(Value):
    """A document to allocate a part of a bank transaction to."""

    invoice_id: InvoiceId
    """Identifier of the document, `inv_` followed by a ULID."""
    amount: PositiveAmount | None = None
    """Part of the transaction. By default the amount due with fees, or for a debit the amount to refund, as far as the
    transaction has it."""
    cash_discount: PositiveAmount | None = None
    """Cash discount that the payer kept back, above zero. The value date decides whether the terms allow it."""
    small_difference: PositiveAmount | None = None
    """Rest of the amount due that is closed with the payment: exactly the part that stays due, above zero and at most
    `bank_matching.small_difference` of the tenant. By default, nothing is closed."""


class AllocateTransaction(Value):
    """The documents to allocate a bank transaction to."""

    allocations: Annotated[tuple[AllocationRequest, ...], Field(min_length=1, max_length=20)]
    """Documents, 1 to 20, each once."""
    accept_overpayment: bool = False
    """Whether to accept amounts above the amount due and the fees. The surplus becomes `refund_due`."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [one.invoice_id for one in self.allocations]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("repeated", "Each document can occur once", {"field": "allocations"})
        return self


class StartBankMatchingRun(Value):
    """The open transactions to match again."""

    dry_run: bool = False
    """Whether to list the results without allocating anything."""
    bank_account_id: ShortText | None = None
    """Transactions on this bank account."""
    statement_id: BankStatementId | None = None
    """Transactions that came with this statement first."""
    booked_from: Day | None = None
    """Transactions booked on this date or later."""
    booked_to: Day | None = None
    """Transactions booked on this date or earlier."""
    limit: Annotated[int, Field(ge=1, le=50)] = 25
    """Maximum number of transactions to match, from 1 to 50: each of them has a commit of its own."""
    cursor: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    """Cursor of the page: the `next_cursor` of the run before."""

    @property
    def query(self) -> BankTransactionQuery:
        """The list of these transactions, earliest booking date first."""
        return BankTransactionQuery(order="asc", **values_of(self, set(type(self).model_fields) - {"dry_run"}))
