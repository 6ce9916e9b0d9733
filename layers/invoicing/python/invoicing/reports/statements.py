"""Statements of accounts, from the changes of a customer's balances."""

from itertools import islice
from typing import NamedTuple

from invoicing.core.errors import AccessDenied, Invalid
from invoicing.core.model import days_after
from invoicing.customers.model import Customer
from invoicing.http.request import Request
from invoicing.reports.reading import (
    ChangeRange,
    changes_since,
    end_of,
    require_not_future,
    require_order,
    since_end_of,
)
from invoicing.reports.requests import StatementQuery
from invoicing.reports.statement import Statement, accounts
from invoicing.reports.table import bounds_of
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of

MOST_CHANGES = 5_000
"""The most changes that a statement reads, those of its first month and since its last day among them."""


class ReadStatement(NamedTuple):
    """A statement, with its tenant and customer."""

    statement: Statement
    tenant: Tenant
    customer: Customer


def read_statement(request: Request, customer_id: str, query: StatementQuery) -> ReadStatement:
    """The statement of a customer; for members, of one that they own.

    It reads the open documents and the changes since the first day.
    """
    customer = request.store.get(Customer, customer_id)
    caller = request.caller
    if caller.limited and (caller.user is None or caller.user.id != customer.owner_id):
        raise AccessDenied
    tenant = tenant_of(request.store)
    last = query.last or request.moment.today
    first = query.first or last.replace(day=1)
    require_not_future(request, last, "?to")
    require_order(first, last)
    part = ChangeRange(*bounds_of(customer.id), descending=False, since=since_end_of(days_after(first, -1), tenant))
    read = list(islice(changes_since(request, part), MOST_CHANGES + 1))
    if len(read) > MOST_CHANGES:
        raise Invalid(f"There are more than {MOST_CHANGES} changes since then; choose a later day.", pointer="?from")
    found = accounts(
        (one.change for one in read if one.is_last),
        (one.change for one in read if one.is_since),
        end_of(last, tenant.time_zone),
        tenant.time_zone,
    )
    statement = Statement(
        customer_id=customer.id, customer_name=customer.name, first=first, last=last, accounts=(*found,)
    )
    return ReadStatement(statement, tenant, customer)
