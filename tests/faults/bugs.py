"""Bugs that the service could have. A test plants each one and proves that it is found.

They replace functions of the service by name: a bug whose function was renamed fails its test.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.aws.errors import NO_RESPONSE
from invoicing.bank import table as bank
from invoicing.consumers.worker import Worker
from invoicing.core.errors import ConcurrentModification
from invoicing.issuing import workflow as issuing
from invoicing.numbering import table as numbering
from invoicing.settlement import model as settling
from invoicing.store import commit, entries, store, transaction
from invoicing.store.changes import Changes
from invoicing.store.keys import Item
from invoicing.store.rows.revisions import Row, revised
from invoicing.store.store import Store
from invoicing.store.transaction import Write, overwrite
from invoicing.transactions import table as debits

Patch = pytest.MonkeyPatch
Bug = Callable[[Patch], None]


def no_version_condition(patch: Patch) -> None:
    """A row is replaced without a check of its revision."""
    patch.setattr(Row, "unchanged", lambda _: {"ConditionExpression": "attribute_exists(PK)"})


def no_counter_condition(patch: Patch) -> None:
    """A number is taken without a check that it is the next one."""

    def always_moved(key: Any, refuse: Any, **how: Any) -> Write:
        del how["ConditionExpression"]
        how["ExpressionAttributeValues"] = {":after": how["ExpressionAttributeValues"][":after"]}
        return transaction.update(key, refuse, **how)

    patch.setattr(numbering, "update", always_moved)
    patch.setattr(numbering, "put", lambda item, *_, **__: overwrite(item))


def no_idempotency_row(patch: Patch) -> None:
    """The answer to a request is not kept."""
    patch.setattr(Store, "_response_writes", lambda *_: ())


def no_claim_of_an_invoice(patch: Patch) -> None:
    """A direct debit is created without a check that its invoice has none under way."""
    patch.setattr(debits, "put", lambda item, *_, **__: overwrite(item))


def no_claim_of_an_entry(patch: Patch) -> None:
    """A bank transaction is created without a check that no other statement created it."""
    patch.setattr(bank, "put", lambda item, *_, **__: overwrite(item))


def unchecked_allocation(patch: Patch) -> None:
    """A bank transaction is replaced without a check of its revision."""

    def replaced(item: Item, row: Row | None) -> Write:
        is_new = row is None or item["entity"]["S"] != "bank_transaction"
        return transaction.replace(item, row) if is_new else overwrite(revised(item, row))

    patch.setattr(commit, "replace", replaced)


def event_about_another_resource(patch: Patch) -> None:
    """All events of a commit are bound to its first resource."""
    right = Changes.of

    def wrong(*parts: Any, **how: Any) -> Changes:
        made = right(*parts, **how)
        first = made.events[0]
        return made._replace(events=tuple(first._replace(event=one.event) for one in made.events))

    patch.setattr(Changes, "of", wrong)


def consumer_without_its_key(patch: Patch) -> None:
    """A consumer handles each delivery as a new event."""

    def once(worker: Worker, task: Any, request: Any) -> str:
        worker.handle(task.detail, request._replace(store=Store(request.store.session)))
        return "done"

    patch.setattr(Worker, "_once", once)


def entry_outside_of_the_outbox(patch: Patch) -> None:
    """A timeline entry is no outbox row."""
    patch.setattr(entries, "listed", lambda *_: {})


def lost_entry(patch: Patch) -> None:
    """A commit writes the first of its timeline entries only."""
    right = entries.entries_of

    def first_only(changes: Changes, session: Any) -> Any:
        return right(changes._replace(events=changes.events[:1]), session)

    patch.setattr(store, "entries_of", first_only)
    patch.setattr(store, "entry_writes", lambda changes, made, session: entries.entry_writes(
        changes._replace(events=changes.events[:1]), made, session
    ))  # fmt: skip


def settlement_not_recomputed(patch: Patch) -> None:
    """A payment changes the paid amount, and not the due amount."""
    patch.setattr(settling, "balanced", lambda document, **sums: document.model_copy(update=sums))


def number_taken_before_the_commit(patch: Patch) -> None:
    """A number is taken by a write of its own."""
    right = numbering.taken_by

    def taken(counter: Any, *owners: Any) -> Callable[[Any], Iterable[Write]]:
        def at_once(session: Any) -> Iterable[Write]:
            for write in right(counter, *owners)(session):
                transaction.write_alone(write)
            return ()

        return at_once

    patch.setattr(issuing, "taken_by", taken)


def commit_in_several_writes(patch: Patch) -> None:
    """A commit writes its items one after the other."""

    def one_by_one(writes: Sequence[Write], **_: Any) -> None:
        dynamodb: Any = client("dynamodb")
        for write in writes:
            dynamodb.transact_write_items(TransactItems=[write.request])

    patch.setattr(store, "transact", one_by_one)


def lost_response_taken_for_a_refusal(patch: Patch) -> None:
    """A write whose response was lost is repeated under new ids, without its key."""

    def tried(writes: Sequence[Write], _: Any) -> None:
        try:
            client("dynamodb").transact_write_items(TransactItems=[write.request for write in writes])
        except NO_RESPONSE:
            raise ConcurrentModification from None

    right = Store.fresh
    patch.setattr(transaction, "_tried", tried)
    patch.setattr(Store, "fresh", lambda one, until: _without_key(right(one, until)))


def _without_key(made: Store) -> Store:
    made._idempotency = None
    return made
