"""Events about customers."""

from invoicing.core.event import Event


class CustomerCreated(Event):
    """A customer was created."""

    name = "customer.created"
    action_key = "CREATE"


class CustomerUpdated(Event):
    """A customer was updated."""

    name = "customer.updated"
    action_key = "EDIT"


class CustomerDeleted(Event):
    """A customer was deleted."""

    name = "customer.deleted"
    action_key = "EDIT"


class CustomerErased(Event):
    """The personal data of a customer was erased."""

    name = "customer.erased"
    action_key = "EDIT"
