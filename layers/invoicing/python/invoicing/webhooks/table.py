"""How webhook endpoints and deliveries are stored, and which deliveries wait or are due."""

from collections.abc import Callable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from pydantic_core import to_json

from invoicing import config
from invoicing.core.errors import ConcurrentModification
from invoicing.core.ids import new_id
from invoicing.core.model import Value, secret_fields, values_of
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Filter, KeyRange, beginning_with, count, examined, items_from, same
from invoicing.store.reading import item_at, items_at, pages_of
from invoicing.store.rows.items import keyed, listed, model_of, text
from invoicing.store.rows.revisions import revised
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.store.transaction import Write, changed_meanwhile, put, update, write_alone
from invoicing.webhooks.delivery import KEPT, Selection, WebhookDelivery
from invoicing.webhooks.errors import DeliveryNotFound, EndpointNotFound
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.requests import DeliveryQuery

_ENDPOINT: Final = "HOOK#"
_DELIVERY: Final = "DLV#"
_SELECTION: Final = "REPLAY#"
_KEPT_BESIDE: Final = ("sealed", "slot", "watched_from")
"""Fields of an endpoint that no response shows."""
_COUNTED: Final = ("last_success_at", "last_failure_at", "failures", "probe")
"""Fields of an endpoint that are attributes beside the JSON, because an attempt is no change of the endpoint."""


class WebhookEndpointTable(Table[WebhookEndpoint]):
    """`T#<tenant>#HOOKS`, SK `HOOK#<endpoint>`: the endpoints of a tenant are read together."""

    kind = WebhookEndpoint
    missing = EndpointNotFound
    # Two requests that take the same place: the one that is later takes another.
    unique = MappingProxyType({"slot": ConcurrentModification})

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of an endpoint."""
        return keys.of(tenant, "HOOKS", sort=_ENDPOINT + "".join(ids))

    def text(self, thing: WebhookEndpoint) -> str:
        """Its JSON with the encrypted secrets, without the secret that is shown once."""
        shown = thing.model_dump(mode="json", exclude={"pending", *_COUNTED, *secret_fields(type(thing))})
        return to_json(shown | values_of(thing, _KEPT_BESIDE)).decode()

    def attributes(self, thing: WebhookEndpoint, tenant: str) -> Item:  # noqa: ARG002 — it is in no index
        """The facts about its attempts."""
        found: Item = {name: {"S": text(value)} for name in _COUNTED if (value := getattr(thing, name))}
        return found | ({"failures": {"N": str(thing.failures)}} if thing.failures else {})

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The endpoint with the facts about its attempts."""
        found: dict[str, Any] = {name: item[name]["S"] for name in ("probe",) if name in item}
        instants = (name for name in ("last_success_at", "last_failure_at") if name in item)
        found |= {name: datetime.fromisoformat(item[name]["S"]) for name in instants}
        found |= {"failures": int(item["failures"]["N"])} if "failures" in item else {}
        return model_of(model, item, text, shows=shows).model_copy(update=found)


class WebhookDeliveryTable(Table[WebhookDelivery]):
    """`T#<tenant>#HOOK#<endpoint>`, SK `DLV#<delivery>`, with the bytes; deleted after 30 days.

    The selection of a replay is at SK `REPLAY#<request>`, for repetitions of its request.
    Pending ones are in GSI5 `T#<tenant>#HOOK#<endpoint>#WAITING`, those to attempt in GSI7 `DUE#WEBHOOKS#<shard>`.
    """

    kind = WebhookDelivery
    missing = DeliveryNotFound
    ids = ("endpoint_id", "id")

    def key(self, tenant: str, *ids: str) -> Key:
        """The key of a delivery, from the id of its endpoint and its own."""
        endpoint_id, *own = ids
        return deliveries_key(tenant, endpoint_id).at(_DELIVERY + "".join(own))

    def text(self, thing: WebhookDelivery) -> str:
        """Its JSON without the bytes, which are an attribute beside it."""
        return thing.model_dump_json(exclude={"body"}, exclude_defaults=True)

    def attributes(self, thing: WebhookDelivery, tenant: str) -> Item:
        """Its bytes, the attributes of filters, and the lists of those that wait and that are due."""
        pending, due = thing.status == "pending", thing.next_attempt_at
        return {
            "body": {"S": thing.body},
            "lane": {"S": thing.lane},
            "round": {"N": str(thing.round)},
            **({"replays": {"S": " ".join(thing.replays)}} if thing.replays else {}),
            "status": {"S": thing.status},
            "event_type": {"S": thing.event.type},
            "resource_id": {"S": thing.resource_id},
            keys.PURGE_AT: {"N": str(int((thing.created_at + KEPT).timestamp()))},
            **listed(
                (waiting(tenant, thing.endpoint_id) if pending else None, thing.id),
                (_due(_shard(thing.id)) if due else None, f"{text(due)}#{thing.id}"),
            ),
        }

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The delivery with its bytes."""
        beside = {"body": item["body"]["S"], "lane": item["lane"]["S"], "round": int(item["round"]["N"])}
        replays = tuple(item.get("replays", {"S": ""})["S"].split())
        return model_of(model, item, text, shows=shows).model_copy(update=beside | {"replays": replays})


def deliveries_key(tenant: str, endpoint_id: str) -> Key:
    """The key of the partition with the deliveries of an endpoint and the mails about it."""
    return keys.of(tenant, "HOOK", endpoint_id)


def endpoints_of(tenant: str) -> KeyRange:
    """The webhook endpoints of a tenant."""
    return beginning_with(WebhookEndpointTable().key(tenant), _ENDPOINT)


def waiting(tenant: str, endpoint_id: str) -> IndexPartition:
    """The pending deliveries of an endpoint."""
    return keys.index_of(tenant, "GSI5", "HOOK", endpoint_id, "WAITING")


def pending_of(store: Store, endpoint_id: str) -> int:
    """The number of pending deliveries of an endpoint."""
    return count(KeyRange(waiting(store.tenant_id, endpoint_id)), ())


def waiting_ids(store: Store, endpoint_id: str) -> Iterator[str]:
    """The pending deliveries of an endpoint, oldest first."""
    found = items_from(KeyRange(waiting(store.tenant_id, endpoint_id)))
    return (Key.of(item).sort.removeprefix(_DELIVERY) for item in found)


def deliveries_of(tenant: str, query: DeliveryQuery, endpoint_id: str) -> KeyRange:
    """The deliveries of an endpoint, as far as the query's times allow."""
    first = new_id("dlv", query.created_from)[:14] if query.created_from else "dlv_"
    last = new_id("dlv", query.created_to)[:14] + "~" if query.created_to else "dlv_~"
    key = WebhookDeliveryTable().key(tenant, endpoint_id)
    return KeyRange(IndexPartition(None, key.partition), _DELIVERY + first, _DELIVERY + last)


def conditions_of(query: DeliveryQuery) -> list[Filter]:
    """The conditions of a query for deliveries."""
    return list[Filter](same(status=query.status, event_type=query.event, resource_id=query.resource_id))


def matching_ids(store: Store, query: DeliveryQuery, endpoint_id: str) -> Iterator[str]:
    """The deliveries of an endpoint that match a query, oldest first."""
    pages = examined(deliveries_of(store.tenant_id, query, endpoint_id), conditions_of(query), page=100)
    return (Key.of(item).sort.removeprefix(_DELIVERY) for page in pages for item in page.items)


def selected(store: Store, endpoint_id: str, select: Callable[[], Selection]) -> Selection:
    """The selection of a request, the same when the request is repeated with its Idempotency-Key."""
    if store.request_key is None:
        return select()
    key = WebhookDeliveryTable().key(store.tenant_id, endpoint_id).at(_SELECTION + store.request_key)
    found = item_at(key)
    if found is None:
        made = select()
        purged = {keys.PURGE_AT: {"N": str(int((store.session.now + KEPT).timestamp()))}}
        item = keyed(key, "webhook_selection", made.model_dump_json()) | purged
        try:
            write_alone(put(item, lambda _: _Exists()))
        except _Exists:
            return selected(store, endpoint_id, select)
        return made
    return model_of(Selection, found)


def put_once(store: Store, delivery: WebhookDelivery) -> bool:
    """Store a new delivery. Returns whether it is new: an event that comes again has one already."""
    stored = delivery.model_copy(update={"version": 1})
    item = revised(WebhookDeliveryTable().item(stored, store.tenant_id), None)
    try:
        write_alone(put(item, lambda _: _Exists()))
    except _Exists:
        return False
    return True


class _Exists(Exception):
    pass


class DueDelivery(NamedTuple):
    """A delivery whose next attempt is due, and its tenant."""

    tenant_id: str
    delivery: WebhookDelivery


def due_deliveries(now: datetime) -> Iterator[DueDelivery]:
    """The deliveries of all tenants that are due, the oldest of each shard first."""
    for shard in range(keys.OUTBOX_SHARDS):
        asked = {
            "TableName": config.setting("TABLE_NAME"),
            "IndexName": "GSI7",
            "KeyConditionExpression": "GSI7PK = :shard AND GSI7SK < :until",
            "ExpressionAttributeValues": {":shard": {"S": _due(shard).partition}, ":until": {"S": f"{text(now)}~"}},
            "Limit": 100,
        }
        for response in pages_of(asked):
            wanted = [Key.of(item) for item in response["Items"]]
            found = items_at(wanted)
            for item in (found[key] for key in wanted if key in found and "GSI7PK" in found[key]):
                delivery = WebhookDeliveryTable().read(WebhookDelivery, item, shows=True)
                yield DueDelivery(item["PK"]["S"].split("#")[1], delivery)


def unchanged(endpoint: WebhookEndpoint, session: Session) -> Iterator[Write]:
    """A check that an endpoint is still in the state that was read."""
    row = session.row_of(endpoint)
    if row is None:
        raise AssertionError("the endpoint has to be read before")
    check: Any = {
        "TableName": config.setting("TABLE_NAME"),
        "Key": WebhookEndpointTable().key(session.caller.tenant_id, endpoint.id).address,
        **row.unchanged(),
    }
    yield Write(cast("Any", {"ConditionCheck": check}), changed_meanwhile)


def claim_probe(store: Store, endpoint_id: str, delivery_id: str) -> bool:
    """Make a delivery the one that a failing endpoint gets, unless there is one."""
    free = "attribute_exists(PK) AND attribute_not_exists(probe)"
    return _probing(store, endpoint_id, "SET probe = :after", free, {":after": {"S": delivery_id}})


def replace_probe(store: Store, endpoint_id: str, before: str, after: str | None) -> bool:
    """Let a failing endpoint get another delivery, or the next one that comes."""
    values: Item = {":before": {"S": before}} | ({":after": {"S": after}} if after else {})
    expression = "SET probe = :after" if after else "REMOVE probe"
    return _probing(store, endpoint_id, expression, "probe = :before", values)


def _probing(store: Store, endpoint_id: str, expression: str, condition: str, values: Item) -> bool:
    key = WebhookEndpointTable().key(store.tenant_id, endpoint_id)
    how: dict[str, Any] = {"UpdateExpression": expression, "ConditionExpression": condition}
    try:
        write_alone(update(key, lambda _: _Exists(), **how, ExpressionAttributeValues=values))
    except _Exists:
        return False
    return True


def counted(endpoint_id: str, at: datetime, *, succeeded: bool) -> Also:
    """Note the outcome of an attempt beside the endpoint. It is no change of the endpoint."""

    def writes(session: Session) -> Iterator[Write]:
        success, failure = "SET last_success_at = :at REMOVE failures", "SET last_failure_at = :at ADD failures :one"
        yield update(
            WebhookEndpointTable().key(session.caller.tenant_id, endpoint_id),
            changed_meanwhile,
            UpdateExpression=success if succeeded else failure,
            ConditionExpression="attribute_exists(PK)",
            ExpressionAttributeValues={":at": {"S": text(at)}} | ({} if succeeded else {":one": {"N": "1"}}),
        )

    return writes


def _due(shard: int) -> IndexPartition:
    return IndexPartition("GSI7", f"DUE#WEBHOOKS#{shard}")


def _shard(delivery_id: str) -> int:
    return ord(delivery_id[-1]) % keys.OUTBOX_SHARDS
