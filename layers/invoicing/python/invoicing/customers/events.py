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
