"""Statements of accounts, from the changes of a customer's balances."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from invoicing.core.errors import AccessDenied, Invalid
from invoicing.core.model import days_after
from invoicing.customers.model import Customer
from invoicing.http.request import Request
from invoicing.reports.balance import BalanceChange
from invoicing.reports.reading import (
    ChangeRange,
    ReadChange,
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
"""The most changes that a statement shows."""
MOST_READ = 50_000
"""The most changes that it reads, those of its first month and since its last day among them: about 50 queries."""


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
    end = end_of(last, tenant.time_zone)
    found = accounts(*_needed(changes_since(request, part), end), end, tenant.time_zone)
    statement = Statement(
        customer_id=customer.id, customer_name=customer.name, first=first, last=last, accounts=(*found,)
    )
    return ReadStatement(statement, tenant, customer)


def _needed(read: Iterable[ReadChange], end: datetime) -> tuple[list[BalanceChange], list[BalanceChange]]:
    """The last changes of open documents, and those since the first day that the statement needs.

    After its end, these are the first changes of the documents: they have the balances at that time.
    """
    last: list[BalanceChange] = []
    shown: list[BalanceChange] = []
    later: dict[str, BalanceChange] = {}
    for number, (change, is_last, is_since) in enumerate(read, 1):
        if is_last:
            last.append(change)
        elif is_since and change.at < end:
            shown.append(change)
        elif is_since and (change.document_id not in later or change.revision < later[change.document_id].revision):
            later[change.document_id] = change
        if len(shown) > MOST_CHANGES:
            raise Invalid(f"A statement shows at most {MOST_CHANGES} changes; choose fewer days.", pointer="?from")
        if number > MOST_READ:
            raise Invalid(f"There are more than {MOST_READ} changes since then; choose a later day.", pointer="?from")
    return last, [*shown, *later.values()]
