"""Events about payment methods of customers."""

from typing import ClassVar

from invoicing.collection.model import PaymentMethod
from invoicing.core.activity import ActionKey
from invoicing.core.event import Event


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
