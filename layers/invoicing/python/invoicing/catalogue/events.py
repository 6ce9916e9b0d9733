"""Events about products and prices."""

from invoicing.catalogue.price import PriceSummary
from invoicing.catalogue.product import Product
from invoicing.core.event import Event
from invoicing.core.model import Day


class ProductCreated(Event):
    """A product was created."""

    subject = Product
    name = "product.created"
    action_key = "CREATE"


class ProductUpdated(Event):
    """A product was updated, or got another default price."""

    subject = Product
    name = "product.updated"
    action_key = "EDIT"


class ProductArchived(Event):
    """A product was archived: its prices cannot be used in new lines any more."""

    subject = Product
    name = "product.archived"
    action_key = "EDIT"


class ProductDeleted(Event):
    """A product was deleted."""

    subject = Product
    name = "product.deleted"
    action_key = "EDIT"


class PriceVersionAdded(Event):
    """A price was created with its first version, or got another version."""

    subject = PriceSummary
    name = "price.version_added"
    action_key = "EDIT"

    number: int
    """Number of the version, starting at 1."""
    valid_from: Day
    """First day of the version."""


class PriceUpdated(Event):
    """The name of a price, its archiving or its place as the default was updated."""

    subject = PriceSummary
    name = "price.updated"
    action_key = "EDIT"
