"""Customer data that heads of documents and subscriptions copy, and its update when the customer changes.

The update of a copy is no decision about the document: it keeps its version and gets no timeline entry. The customer
has the history.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, condition_failed, is_conflict
from invoicing.core.clock import wait, windows
from invoicing.customers.model import Customer
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoices_of, invoices_of_owner
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.reading import item_at, items_of
from invoicing.store.rows.items import model_of, text_of
from invoicing.store.rows.revisions import Row, revised
from invoicing.store.rows.stored import Stored, kept
from invoicing.store.table import item_of
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.table import subscriptions_of, subscriptions_of_owner

_CONTENT = ("content_version", "content_parts")


class _Copies(NamedTuple):
    """A kind of resources with copies, and their lists by customer and by owner."""

    kind: type[InvoiceSummary | SubscriptionSummary]
    of_customer: Callable[[str, str], IndexPartition]
    of_owner: Callable[[str, str], IndexPartition]


_KINDS = (
    _Copies(InvoiceSummary, invoices_of, invoices_of_owner),
    _Copies(SubscriptionSummary, subscriptions_of, subscriptions_of_owner),
)


def bring_up_to_date(tenant: str, customer: Customer, at: datetime) -> int:
    """Rewrite each head whose copy is outdated. Returns their number.

    Repeats until none is left, because a document may meanwhile be created from one that was not rewritten yet.
    """
    return sum(_of_kind(copies, tenant, customer, at) for copies in _KINDS)


def _of_kind(copies: _Copies, tenant: str, customer: Customer, at: datetime) -> int:
    total = 0
    stale = partial(_perhaps_stale, copies, tenant, customer)
    while rewritten := sum(_rewritten(copies.kind, tenant, head, customer, at) for head in stale()):
        total += rewritten
    return total


def _perhaps_stale(copies: _Copies, tenant: str, customer: Customer) -> Iterator[Item]:
    """The heads with another owner, and all drafts, which may have another name."""
    place = copies.of_customer(tenant, customer.id)
    index = keys.INDEXES["GSI2"]
    owner = copies.of_owner(tenant, customer.owner_id).partition if customer.owner_id else None
    other = "attribute_exists(GSI4PK)" if owner is None else "GSI4PK <> :owner"
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": place.index,
        "KeyConditionExpression": f"{index.partition} = :place",
        "FilterExpression": f"{other} OR #status = :draft",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {
            ":place": {"S": place.partition},
            ":draft": {"S": Status.DRAFT},
            **({":owner": {"S": owner}} if owner else {}),
        },
    }
    return items_of(asked)


def _rewritten(
    kind: type[InvoiceSummary | SubscriptionSummary], tenant: str, head: Item | None, customer: Customer, at: datetime
) -> bool:
    """Whether a head was rewritten. A head that changed meanwhile is read again, a deleted one is skipped."""
    waits = windows(0.05, 1.0)
    while head is not None:
        text = text_of(head)
        before = model_of(kind, head, text)
        after = before.following(customer, at)
        if after is before:
            return False
        row = Row.of(head)
        item = item_of(after, tenant) | {name: head[name] for name in _CONTENT}
        item = revised(kept(item, Stored(head, text, before), item_of(before, tenant), after), row)
        try:
            client("dynamodb").put_item(TableName=config.setting("TABLE_NAME"), Item=item, **row.unchanged())
        except ClientError as error:
            if not condition_failed(error) and not is_conflict(error):
                raise
        else:
            return True
        wait(next(waits))
        head = item_at(Key.of(head))
    return False
