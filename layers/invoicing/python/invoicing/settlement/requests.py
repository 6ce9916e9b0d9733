"""What clients say about payments."""

from invoicing.core.ids import CustomerId
from invoicing.core.model import Day, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.payments.model import PaymentData, PaymentFacts, ReversalReason


class RecordPayment(PaymentFacts):
    """A payment to record; without a date it came in today."""

    date: Day | None = None
    accept_overpayment: bool = False

    def data(self, today: Day) -> PaymentData:
        """The payment with its day."""
        return PaymentData(**{name: getattr(self, name) for name in PaymentFacts.model_fields}, date=self.date or today)


class ReversePayment(Value):
    """Why a payment is taken back."""

    reason: ReversalReason = "error"


class PaymentQuery(ListQuery):
    """Which payments to list."""

    customer_id: CustomerId | None = None
    external_id: ShortText | None = None
    date_from: Day | None = None
    date_to: Day | None = None
