"""Events about payment methods of customers."""

from typing import ClassVar

from invoicing.collection.model import PaymentMethod
from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.core.model import Amount, Day
from invoicing.invoices.event import InvoiceEvent


class PaymentMethodEvent(Event):
    """An event about a payment method."""

    subject = PaymentMethod
    action_key: ClassVar[ActionKey] = "STATUS"


class PaymentMethodCreated(PaymentMethodEvent):
    """A payment method of a customer was created."""

    name = "payment_method.created"
    action_key: ClassVar[ActionKey] = "CREATE"


class PaymentMethodUpdated(PaymentMethodEvent):
    """A payment method was updated."""

    name = "payment_method.updated"
    action_key: ClassVar[ActionKey] = "EDIT"


class PaymentMethodBlocked(PaymentMethodEvent):
    """A payment method was blocked. Nothing is collected with it until it is unblocked."""

    name = "payment_method.blocked"


class PaymentMethodRevoked(PaymentMethodEvent):
    """A payment method was revoked. Nothing is collected with it any more."""

    name = "payment_method.revoked"


class PaymentMethodUsed(PaymentMethodEvent):
    """The bank got the debit of a one-off mandate. Nothing is collected with the payment method any more."""

    name = "payment_method.used"


class PaymentMethodExpired(PaymentMethodEvent):
    """The mandate of a payment method was not used for 36 months. Nothing is collected with it any more."""

    name = "payment_method.expired"


class CollectionAnnounced(InvoiceEvent):
    """The direct debit of an invoice is announced to the customer by a mail of its own (pre-notification)."""

    name = "collection.announced"
    action_key: ClassVar[ActionKey] = "MAIL"

    mail_id: str
    mandate_reference: str
    """Reference of the mandate that the holder signed."""
    amount: Amount
    """Amount that is collected."""
    collected_on: Day
    """Day on which it is collected at the earliest."""
