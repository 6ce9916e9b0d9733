"""Customer data that document heads copy, and its update when the customer changes.

The update of a copy is no decision about the document: it keeps its version and gets no timeline entry. The customer
has the history.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, code_of, is_conflict
from invoicing.core.clock import wait, windows
from invoicing.customers.model import Customer
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoices_of, invoices_of_owner
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at, items_of
from invoicing.store.rows.items import model_of, text_of
from invoicing.store.rows.revisions import Row, revised
from invoicing.store.rows.stored import Stored, kept
from invoicing.store.table import item_of

_CONTENT = ("content_version", "content_parts")


def bring_up_to_date(tenant: str, customer: Customer, at: datetime) -> int:
    """Rewrite each head whose copy is outdated. Returns their number.

    Repeats until none is left, because a document may meanwhile be created from one that was not rewritten yet.
    """
    total = 0
    while rewritten := sum(_rewritten(tenant, head, customer, at) for head in _perhaps_stale(tenant, customer)):
        total += rewritten
    return total


def _perhaps_stale(tenant: str, customer: Customer) -> Iterator[Item]:
    """The heads with another owner, and all drafts, which may have another name."""
    place = invoices_of(tenant, customer.id)
    index = keys.INDEXES["GSI2"]
    owner = invoices_of_owner(tenant, customer.owner_id).partition if customer.owner_id else None
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


def _rewritten(tenant: str, head: Item | None, customer: Customer, at: datetime) -> bool:
    """Whether a head was rewritten. A head that changed meanwhile is read again, a deleted one is skipped."""
    waits = windows(0.05, 1.0)
    while head is not None:
        text = text_of(head)
        before = model_of(InvoiceSummary, head, text)
        after = before.following(customer, at)
        if after is before:
            return False
        row = Row.of(head)
        item = item_of(after, tenant) | {name: head[name] for name in _CONTENT}
        item = revised(kept(item, Stored(head, text, before), item_of(before, tenant), after), row)
        try:
            client("dynamodb").put_item(TableName=config.setting("TABLE_NAME"), Item=item, **row.unchanged())
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException" and not is_conflict(error):
                raise
        else:
            return True
        wait(next(waits))
        head = item_at(Key.of(head))
    return False
