"""Requests about the allocation of bank transactions."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import InvoiceId
from invoicing.core.model import Value
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
