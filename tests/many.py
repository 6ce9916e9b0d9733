"""Many invoices, put directly into moto: copies of one."""

import base64
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from invoicing.aws.clients import client
from invoicing.core.ids import new_ids
from tests.aws import TABLE
from tests.builders import NOON


def fill(issued: dict[str, Any], count: int) -> None:
    """This number of copies of an invoice's head, put directly into moto; every 400th of them is paid."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    answer = client("dynamodb").query(
        TableName=TABLE,
        IndexName="GSI1",
        KeyConditionExpression="GSI1SK = :id AND GSI1PK = :place",
        ExpressionAttributeValues={":id": {"S": issued["id"]}, ":place": {"S": place_of(issued)}},
    )
    text = json.dumps(answer["Items"][0])
    for number, id_ in zip(range(count), new_ids("inv", NOON.replace(year=2025)), strict=False):
        item = json.loads(text.replace(issued["id"], id_))
        item["status"] = {"S": "paid" if number % 400 == 0 else "open"}
        table.put_item(item)


def fill_numbered(issued: dict[str, Any], count: int) -> None:
    """This number of copies of an open invoice, numbered as in `bank.busy_month`, each to its own customer."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    ids = issued["id"], issued["customer_id"]
    own = (f"#INV#{issued['id']}", f"#NUM#{issued['number']}", f"#CUS#{issued['customer_id']}")
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    texts = [json.dumps(item) for item in items if item["PK"]["S"].endswith(own) and item["SK"]["S"] == "#"]
    assert len(texts) == len(own)
    earlier = NOON.replace(year=2025)
    for number, *new in zip(range(count), new_ids("inv", earlier), new_ids("cus", earlier), strict=False):
        replaced = {**dict(zip(ids, new, strict=True)), issued["number"]: f"INV-2026-{number:06d}"}
        for text in texts:
            copy = text
            for old, value in replaced.items():
                copy = copy.replace(old, value)
            table.put_item(json.loads(copy))


def fill_drafts(draft: dict[str, Any], count: int) -> list[str]:
    """This number of copies of a draft, each to its own copy of the customer. Returns their ids."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    ids = [draft["id"], draft["customer_id"]]
    items = [item for item in client("dynamodb").scan(TableName=TABLE)["Items"] if item["PK"]["S"].endswith(tuple(ids))]
    earlier = NOON.replace(year=2025)
    made = list(zip(new_ids("inv", earlier), new_ids("cus", earlier), range(count), strict=False))
    for *new, _ in made:
        for item in items:
            table.put_item({name: _copied(value, dict(zip(ids, new, strict=True))) for name, value in item.items()})
    return [one for one, _, _ in made]


def _copied(value: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """A value of an item as moto stores it, with other ids."""
    [(kind, content)] = value.items()
    if kind == "B":
        return {kind: base64.b64encode(content).decode()}
    if kind == "S":
        for old, new in ids.items():
            content = content.replace(old, new)
    return {kind: content}


def place_of(issued: dict[str, Any]) -> str:
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    return next(item["GSI1PK"]["S"] for item in items if item.get("GSI1SK", {}).get("S") == issued["id"])


def leave_open(issued: dict[str, Any], count: int) -> None:
    """This number of heads of open invoices like this one, each due a day after those to be dunned."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID]["eu-central-1"].tables[TABLE]
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    [head] = [item for item in items if item.get("GSI5SK", {}).get("S", "").endswith(f"#{issued['id']}")]
    later = date.fromisoformat(issued["due_date"]) + timedelta(days=1)
    text = json.dumps(head).replace(f"{issued['due_date']}#", f"{later}#")
    for _, id_ in zip(range(count), new_ids("inv", NOON.replace(year=2025)), strict=False):
        table.put_item(json.loads(text.replace(issued["id"], id_)))
