"""How dunning rules, runs, documents and obstacles of dunning are stored."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType

from invoicing.core.errors import AccessDenied
from invoicing.core.identity import Caller, Role
from invoicing.core.model import days_after
from invoicing.dunning.before_due import DueReminder
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.errors import DocumentNotFound, DuplicateLevel, RuleNotFound
from invoicing.dunning.requests import DunningDocumentQuery
from invoicing.dunning.rule import BEFORE_DUE, HIGHEST_LEVEL, DunningRule, rule_in
from invoicing.dunning.run import DunningRun
from invoicing.dunning.skip import DunningSkip, skip_id
from invoicing.dunning.step import Obstacle
from invoicing.invoices.table import PartTable, at_level, invoice_key
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, beginning_with, days, ids_before, items_from, same
from invoicing.store.reading import item_at, items_at, items_beginning
from invoicing.store.rows.items import filtered, keyed, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, delete, put

KIND = "DUN"
_RULE, _LEVEL, _SKIPPED = "RULE", "DUN#", "SKIP#"

_KEPT = timedelta(days=90)


class DunningRuleTable(Table[DunningRule]):
    """`T#<tenant>#RULES`, SK `RULE#<rule>`, at level 0 `RULE0#<rule>`: a tenant's rules are read together."""

    kind = DunningRule
    missing = RuleNotFound
    unique = MappingProxyType({"place": partial(DuplicateLevel, pointer="/level")})

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a rule above level 0; without an id, the beginning of the keys of all rules."""
        id_ = "".join(ids)
        return keys.of(tenant, "RULES", sort=f"{_RULE}#{id_}" if id_ else _RULE)

    def key_of(self, thing: DunningRule, tenant: str) -> Key:
        """The key of this rule. Code from before level 0 does not find rules of level 0."""
        return self.key(tenant, thing.id) if thing.level else keys.of(tenant, "RULES", sort=f"{_RULE}0#{thing.id}")


class DueReminderTable(Table[DueReminder]):
    """`T#<tenant>#REMINDED`, SK `<due date>#<invoice>`: the reminders before a range of due dates are read together."""

    kind = DueReminder

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a record."""
        return keys.of(tenant, "REMINDED", sort="".join(ids))

    def attributes(self, thing: DueReminder, tenant: str) -> Item:  # noqa: ARG002 — it is in no list
        """When it is deleted: after the due date, no reminder follows."""
        purge_at = datetime.combine(thing.due_date, time(), UTC) + _KEPT
        return {keys.PURGE_AT: {"N": str(int(purge_at.timestamp()))}}


class DunningRunTable(Table[DunningRun]):
    """`T#<tenant>#RUN#<run>`, SK `#`."""

    kind = DunningRun
    part = "RUN"


class DunningSkipTable(PartTable[DunningSkip]):
    """The invoice's partition, SK `SKIP#<level>#<reason>`."""

    kind = DunningSkip
    prefix = _SKIPPED


class DunningDocumentTable(Table[DunningDocument]):
    """`T#<tenant>#DUN#<document>`, SK `#`; the one of an invoice and level is `DUN#<level>` of the invoice."""

    kind = DunningDocument
    part = KIND
    missing = DocumentNotFound

    def attributes(self, thing: DunningDocument, tenant: str) -> Item:
        """The lists of tenant and customer by date, and the attributes of their filters."""
        sort = f"{thing.issue_date}#{thing.id}"
        buyer = thing.customer_id and keys.of_customer(tenant, thing.customer_id, KIND)
        item = filtered(thing, "status", "invoice_id", "customer_id", "type", "level", "sent_at")
        return item | listed((keys.of_tenant(tenant, KIND), sort), (buyer or None, sort))

    def require_visible(self, thing: DunningDocument, caller: Caller) -> None:
        """Members see documents of invoices that they see, portal users those that were sent to their customer."""
        if not thing.visible_to(caller):
            raise AccessDenied

    def beside(
        self, before: DunningDocument | None, after: DunningDocument | None, session: Session
    ) -> Iterator[Write]:
        """An invoice reaches each level once, even by repeated deliveries; an undeliverable document frees it."""
        if after is None:
            return
        key = invoice_key(session.caller.tenant_id, after.invoice_id).at(f"{_LEVEL}{after.level}")
        own = {"document_id": {"S": after.id}}
        if before is None:
            yield put(keyed(key, "level") | own, changed_meanwhile, rank=2)
        elif after.undeliverable is not None and before.undeliverable is None:
            free = delete(key)
            free.request["Delete"] |= {
                "ConditionExpression": "document_id = :id",
                "ExpressionAttributeValues": {":id": own["document_id"]},
            }
            yield free._replace(rank=2)


def rules_of(tenant: str) -> KeyRange:
    """The dunning rules of a tenant."""
    return beginning_with(DunningRuleTable().key(tenant), _RULE)


def rule_of(store: Store, rule_id: str) -> DunningRule:
    """A rule of the tenant, of any level."""
    return rule_in(store.all(DunningRule), rule_id)


def open_by(tenant: str, day: date) -> Iterator[str]:
    """The ids of open invoices that are due by a day, those that were not dunned first."""
    for level in range(HIGHEST_LEVEL + 1):
        # The date of a level can be after the due date.
        bound = date.max if level else days_after(day, 1)
        for customer_type in ("company", "person"):
            for disabled in (False, True):
                yield from ids_before(at_level(tenant, customer_type, level, disabled=disabled), bound)


def due_between(tenant: str, customer_type: str, first: date, last: date) -> Iterator[str]:
    """The ids of open invoices that are due in a period and without a reminder before it."""
    reminded = IndexPartition(None, DueReminderTable().key(tenant, "").partition)
    done = {item["SK"]["S"] for item in items_from(days(reminded, first, last))}
    open_ones = days(at_level(tenant, customer_type, BEFORE_DUE), first, last)
    sorts = (item[open_ones.names[1]]["S"] for item in items_from(open_ones))
    return (sort.rpartition("#")[2] for sort in sorts if sort not in done)


def range_of(query: DunningDocumentQuery, caller: Caller) -> KeyRange:
    """The part of a list that a query reads: a customer's own, those of one customer, or all."""
    # A portal user without a customer must see nothing instead of everything.
    whose = caller.customer_id or "-" if caller.role is Role.CUSTOMER else query.customer_id
    tenant = caller.tenant_id
    return KeyRange(keys.of_customer(tenant, whose, KIND) if whose else keys.of_tenant(tenant, KIND))


def conditions_of(query: DunningDocumentQuery, caller: Caller) -> list[Filter]:
    """The conditions of a query that its range does not cover."""
    level = None if query.level is None else str(query.level)
    found: list[Filter] = [*same(status=query.status, level=level, invoice_id=query.invoice_id)]
    if caller.role is Role.CUSTOMER:
        found += same(customer_id=query.customer_id)
        found.append(Condition("sent_at", ">=", "0"))
    return found


def documents_of(store: Store, invoice_id: str) -> tuple[DunningDocument, ...]:
    """All reminders and dunning letters of an invoice, by level."""
    rows = items_beginning(invoice_key(store.tenant_id, invoice_id), _LEVEL)
    table = DunningDocumentTable()
    wanted = [table.key(store.tenant_id, row["document_id"]["S"]) for row in rows]
    found = items_at(wanted) if wanted else {}
    return tuple(store.take(DunningDocument, found[key]) for key in wanted)


def document_at(store: Store, invoice_id: str, level: int) -> DunningDocument | None:
    """The reminder or dunning letter by which an invoice reached a level, if there is one."""
    row = item_at(invoice_key(store.tenant_id, invoice_id).at(f"{_LEVEL}{level}")) if level else None
    return store.get(DunningDocument, row["document_id"]["S"]) if row else None


def was_skipped(store: Store, invoice_id: str, level: int, reason: Obstacle) -> bool:
    """Whether it was recorded before that an invoice does not reach a level for this reason."""
    return store.exists(DunningSkip, invoice_id, skip_id(level, reason))
