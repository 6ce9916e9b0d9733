"""An event is about one kind of resource, and a commit binds it to that kind."""

import pytest

from invoicing.core.event import About, Recorded
from invoicing.orders.events import OrderCreated
from invoicing.orders.model import Order, OrderSummary
from invoicing.tenants.events import TenantUpdated
from tests import builders


def test_an_event_is_refused_for_another_kind() -> None:
    with pytest.raises(TypeError, match="about OrderSummary, not about Tenant"):
        Recorded(builders.tenant(), OrderCreated())
    with pytest.raises(TypeError, match="about Tenant, not about Order"):
        About(Order, "ord_1", OrderCreated(), TenantUpdated())


def test_an_event_cannot_be_added_to_another_kind() -> None:
    recorded = Recorded(builders.tenant(), TenantUpdated())
    with pytest.raises(TypeError, match="about OrderSummary, not about Tenant"):
        recorded.__add__([OrderCreated()])


def test_an_event_of_a_summary_is_one_of_the_whole() -> None:
    assert About(Order, "ord_1", OrderCreated()).kind is Order
    assert About(OrderSummary, "ord_1", OrderCreated()).events == (OrderCreated(),)
