"""Requests about payments."""

from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import CustomerId
from invoicing.core.model import Day, ShortText, Value, values_of
from invoicing.core.page import ListQuery
from invoicing.payments.model import PaymentData, PaymentFacts, ReversalReason, is_allocation, is_transfer


class RecordPayment(PaymentFacts):
    """A payment or refund to record."""

    date: Day | None = None
    """Date of the payment; today by default. It cannot be in the future."""
    accept_overpayment: bool = False
    """Whether to accept an amount above the amount due and the fees. The surplus becomes `refund_due`."""

    @model_validator(mode="after")
    def _no_allocation(self) -> Self:
        if is_allocation(self):
            message = "A bank transaction is allocated by POST /bank-transactions/{{transaction_id}}/allocations"
            raise PydanticCustomError("allocation", message, {"field": "external_id"})
        if is_transfer(self):
            message = "A credit transfer is recorded as a refund once it is settled"
            raise PydanticCustomError("transfer", message, {"field": "external_id"})
        return self

    def data(self, today: Day) -> PaymentData:
        """The payment with its day."""
        return PaymentData(**values_of(self, PaymentFacts.model_fields), date=self.date or today)


class ReversePayment(Value):
    """The reason for a reversal."""

    reason: ReversalReason = "error"
    """Reason for the reversal."""


class PaymentQuery(ListQuery):
    """Filters for payments; an entry matches all that are given."""

    customer_id: CustomerId | None = None
    external_id: ShortText | None = None
    date_from: Day | None = None
    """Payments of this date or later."""
    date_to: Day | None = None
    """Payments of this date or earlier."""
