"""Events about customers."""

from invoicing.core.event import Event
from invoicing.customers.model import Customer


class CustomerCreated(Event):
    """A customer was created."""

    subject = Customer
    name = "customer.created"
    action_key = "CREATE"


class CustomerUpdated(Event):
    """A customer was updated."""

    subject = Customer
    name = "customer.updated"
    action_key = "EDIT"


class CustomerDeleted(Event):
    """A customer was deleted."""

    subject = Customer
    name = "customer.deleted"
    action_key = "EDIT"


class CustomerErased(Event):
    """The personal data of a customer was erased."""

    subject = Customer
    name = "customer.erased"
    action_key = "EDIT"


class VatIdChecked(Event):
    """VIES answered whether the VAT id of a customer is valid."""

    subject = Customer
    name = "customer.vat_id_checked"
    action_key = "STATUS"

    valid: bool
    """Whether the VAT id is valid."""


class VatCheckDeferred(Event):
    """VIES did not answer whether the VAT id of a customer is valid. It is asked again later."""

    subject = Customer
    name = "customer.vat_check_deferred"
    action_key = "STATUS"

    reason: str
    """Error code of VIES, such as `MS_UNAVAILABLE`, or the kind of the failure."""
