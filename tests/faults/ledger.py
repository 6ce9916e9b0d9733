"""The durable state as rules read it: without the code that wrote it. The rules about documents and events."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from tests.faults.snapshots import Row, inflated

SETTLED = ("paid", "cash_discount_taken", "credited", "written_off", "due")
ADDED = ("subtotal", "discount_amount", "shipping_cost", "tax", "total")
ISSUED = {"open", "paid", "closed", "canceled"}


class Ledger:
    """The rows of one account, by kind."""

    def __init__(self, rows: Sequence[Row], files: Mapping[str, bytes], published: Mapping[str, Any]) -> None:
        self.rows, self.files = rows, files
        self.published = {id_.partition("_")[2]: event for id_, event in published.items()}
        self.by_entity: defaultdict[str, list[Row]] = defaultdict(list)
        self.by_partition: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self.by_entity[row.get("entity", "")].append(row)
            self.by_partition[row["PK"]].append(row)

    def of(self, entity: str) -> list[dict[str, Any]]:
        """All resources of a kind, without their defaults."""
        return [json.loads(row["data"]) for row in self.by_entity[entity]]

    @cached_property
    def documents(self) -> dict[str, dict[str, Any]]:
        """The summaries of all invoices, credit notes and cancellations, by id."""
        # Defaults are left out of the rows; the status is beside them.
        found = [
            json.loads(row["data"]) | {name: row[name] for name in ("PK", "status")}
            for row in self.by_entity["invoice"]
        ]
        return {one["id"]: one for one in found}

    @cached_property
    def letters(self) -> dict[str, dict[str, Any]]:
        """All dunning documents, by id."""
        return {one["id"]: one for one in self.of("dunning_document")}

    @cached_property
    def events(self) -> list[tuple[Row, dict[str, Any]]]:
        """The entries of all timelines, each with its event, unless it was published and is not known."""
        known = [(row, self._event(row)) for row in self.by_entity["activity"]]
        return [(row, event) for row, event in known if event is not None]

    def _event(self, row: Row) -> dict[str, Any] | None:
        return json.loads(row["detail"]) if "detail" in row else self.published.get(row["SK"].rpartition("_")[2])


def _amounts(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Decimal]:
    return {name: Decimal(document.get(name, "0")) for name in names}


def _totals_add_up(ledger: Ledger) -> Iterator[str]:
    for id_, one in ledger.documents.items():
        money = _amounts(one, ADDED)
        if money["total"] != money["subtotal"] - money["discount_amount"] + money["shipping_cost"] + money["tax"]:
            yield f"{id_} {money}"


def _what_is_asked_for_is_settled_or_due(ledger: Ledger) -> Iterator[str]:
    for id_, one in ledger.documents.items():
        if one.get("status") not in ISSUED:
            continue
        money = _amounts(one, (*SETTLED, "payable", "refund_due"))
        if money["payable"] + money["refund_due"] != sum(money[name] for name in SETTLED):
            yield f"{id_} {money}"
        if min(money[name] for name in (*SETTLED, "refund_due")) < 0 or (money["due"] and money["refund_due"]):
            yield f"{id_} {money}"


def _paid_is_the_sum_of_the_payments(ledger: Ledger) -> Iterator[str]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in ledger.by_entity["payment"]:
        payment = json.loads(row["data"])
        if payment.get("reversed_at") is None:
            to_invoice = [Decimal(part["amount"]) for part in payment["allocations"] if part["to"] == "invoice"]
            sign = -1 if payment.get("type") == "refund" else 1
            sums[payment["invoice_id"]] += sign * sum(to_invoice)
    for id_, one in ledger.documents.items():
        prepaid = Decimal(one.get("prepaid_amount", "0")) - Decimal(one.get("split_tax") or 0)
        if one.get("type", "invoice") == "invoice" and not prepaid and Decimal(one.get("paid", "0")) != sums[id_]:
            yield f"{id_} has {one['paid']} paid, its payments are {sums[id_]}"


def _credited_is_the_sum_of_the_credits(ledger: Ledger) -> Iterator[str]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in ledger.by_entity["credited"]:
        credited = json.loads(row["data"])
        note = ledger.documents.get(credited["credit_note_id"])
        if note is None:
            yield f"{credited['invoice_id']} is credited by {credited['credit_note_id']}, which does not exist"
        elif credited.get("void", False) != (note["status"] == "canceled"):
            yield f"{note['id']} is {note['status']}, its credit is void: {credited.get('void', False)}"
        elif not credited.get("void", False):
            sums[credited["invoice_id"]] += Decimal(note["total"]) - Decimal(note.get("split_tax") or 0)
    for id_, one in ledger.documents.items():
        if one.get("type", "invoice") == "invoice" and Decimal(one.get("credited", "0")) != sums[id_]:
            yield f"{id_} has {one['credited']} credited, its credit notes are {sums[id_]}"


def _numbers_have_no_gap_and_no_double(ledger: Ledger) -> Iterator[str]:
    numbered = {**ledger.documents, **ledger.letters}
    given = Counter(one["number"] for one in numbered.values() if one.get("number"))
    yield from (f"{number} is given {times} times" for number, times in given.items() if times > 1)
    owners = [row["invoice_id"] for row in ledger.by_entity["count"]]
    # Payment methods with references that clients chose have no count.
    methods = {row["SK"].removeprefix("PME#") for row in ledger.by_entity["payment_method"]}
    holders = sorted([*(id_ for id_, one in numbered.items() if one.get("number")), *(methods & {*owners})])
    if sorted(owners) != holders:
        yield f"counts are of {sorted(owners)}, numbers of {holders}"
    for series in ledger.by_entity["series"]:
        counts = sorted(
            int(row["SK"].partition("#")[2])
            for row in ledger.by_partition[series["PK"]]
            if row["entity"] in ("count", "count_left")
        )
        if counts != list(range(series["first"], series["next"])):
            yield f"{series['PK']} gave {counts}, the next is {series['next']}"


def _each_version_of_a_document_has_its_entry(ledger: Ledger) -> Iterator[str]:
    shown: defaultdict[str, set[int]] = defaultdict(set)
    known = {row["SK"] for row, _ in ledger.events}
    published = {row["PK"] for row in ledger.by_entity["activity"] if row["SK"] not in known}
    for row, event in ledger.events:
        if event["resource"]["object"] != "activity":
            shown[row["PK"]].add(event["resource"]["version"])
    for id_, one in ledger.documents.items():
        missing = set(range(1, one["version"] + 1)) - shown[one["PK"]]
        if missing and one["PK"] not in published:
            yield f"{id_} is at version {one['version']}, no entry shows {sorted(missing)}"


def _each_event_is_about_its_resource(ledger: Ledger) -> Iterator[str]:
    for row, event in ledger.events:
        entry = row["SK"].removeprefix("ACT#")
        resource, subject = event["resource"], row["PK"].rpartition("#")[2]
        expected = entry if resource["object"] == "activity" else subject
        if f"PME#{resource['id']}" in {one["SK"] for one in ledger.by_partition[row["PK"]]}:
            expected = resource["id"]  # A payment method is in the partition of its customer.
        # Some partitions hold all resources of a kind: they do not end with an id.
        if "_" in expected and resource["id"] != expected:
            yield f"{event['type']} in {row['PK']} is about {resource}"
        if event["id"].partition("_")[2] != entry.partition("_")[2]:
            yield f"{event['type']} has the id {event['id']}, its entry {entry}"
        if event["data"]["object"].get("id", resource["id"]) != resource["id"]:
            yield f"{event['type']} shows {event['data']['object']['id']} and is about {resource['id']}"
        if event["tenant_id"] != row["PK"].split("#")[1]:
            yield f"{event['type']} of {event['tenant_id']} is in {row['PK']}"


def _each_event_is_published_or_in_the_outbox(ledger: Ledger) -> Iterator[str]:
    for row in ledger.by_entity["activity"]:
        if ("detail" in row) != ("GSI7PK" in row) or ("GSI7PK" in row) != ("GSI7SK" in row):
            yield f"{row['PK']} {row['SK']} {row.get('detail_type')}"


def _contents_are_whole(ledger: Ledger) -> Iterator[str]:
    for row in ledger.rows:
        if "content_parts" not in row:
            continue
        parts = sorted(
            (one for one in ledger.by_partition[row["PK"]] if one["SK"].startswith("#BODY#")), key=lambda one: one["SK"]
        )
        if [one["version"] for one in parts] != [row["content_version"]] * row["content_parts"]:
            yield f"{row['PK']} has parts of {[one['version'] for one in parts]}, needs {row['content_version']}"
        else:
            json.loads(inflated([one["part"] for one in parts]))


def _kept_answers_are_whole(ledger: Ledger) -> Iterator[str]:
    for partition in {row["PK"] for row in ledger.by_entity["kept_answer"]}:
        parts = sorted(ledger.by_partition[partition], key=lambda row: str(row["SK"]))
        if len(parts) != parts[0]["parts"]:
            yield f"{partition} has {len(parts)} of {parts[0]['parts']} parts"
        elif not any(row.get("erased") for row in parts):
            status, *_ = json.loads(inflated([row["part"] for row in parts]).partition("\n")[0])
            if not 200 <= status < 300:
                yield f"{partition} keeps a {status}"


def _unique_values_have_their_owner(ledger: Ledger) -> Iterator[str]:
    there = {json.loads(row["data"]).get("id") for row in ledger.rows if "data" in row}
    yield from (f"{row['PK']} of {row['id']}" for row in ledger.by_entity["only_one"] if row["id"] not in there)


def _references_are_counted(ledger: Ledger) -> Iterator[str]:
    naming = Counter(
        json.loads(row["data"]).get("customer_id")
        for row in ledger.rows
        if (row.get("entity") in ("invoice", "order", "subscription") and row["SK"] == "#")
        or row.get("entity") == "payment_method"
    )
    for row in ledger.by_entity["references"]:
        customer = row["PK"].rpartition("#")[2]
        if "documents" in row and row["documents"] != naming[customer]:
            yield f"{customer} counts {row['documents']}, {naming[customer]} name it"


def _periods_are_billed_once(ledger: Ledger) -> Iterator[str]:
    """A billed period and its invoice name each other, and the periods of a track have neither gap nor overlap."""
    tracks: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    held: set[tuple[str, str]] = set()
    for row in ledger.by_entity["subscription_period"]:
        period = json.loads(row["data"])
        tracks[f"{row['PK']} {period['id'].partition('.')[0]}"].append((period["start"], period["end"]))
        held |= {(period["id"], one["invoice_id"]) for one in period["items"] if one.get("invoice_id")}
        if invoice_id := period.get("invoice_id"):
            held.add((period["id"], invoice_id))
            named = ledger.documents.get(invoice_id, {}).get("subscription_periods", [])
            if period["id"] not in [one["period"] for one in named]:
                yield f"{period['id']} is billed by {invoice_id}, which does not name it"
    for id_, one in ledger.documents.items():
        if one["status"] == "canceled" or one.get("type", "invoice") != "invoice":
            continue
        named = {(period["period"], id_) for period in one.get("subscription_periods", [])}
        yield from (f"{id_} names {period}, which it does not bill" for period, _ in named - held)
    for track, days in tracks.items():
        for (start, end), (following, _) in pairwise(sorted(days)):
            if date.fromisoformat(end) + timedelta(days=1) != date.fromisoformat(following):
                yield f"{track} has {start} to {end} before {following}"


def _available_files_exist(ledger: Ledger) -> Iterator[str]:
    found: list[tuple[str, Any]] = [
        (one["PK"], file) for one in ledger.documents.values() for file in one.get("files", {}).values()
    ]
    for row in ledger.by_entity["note"]:
        found += [(row["PK"], file) for file in json.loads(row["data"]).get("files", [])]
    for partition, file in found:
        key = f"{partition.split('#')[1]}/{file['id']}/{file.get('sha256')}"
        if file.get("status") == "available" and key not in ledger.files:
            yield f"{partition} has {file}"


def _levels_are_reached_once(ledger: Ledger) -> Iterator[str]:
    reached = Counter(
        (one["invoice_id"], one["level"]) for one in ledger.letters.values() if one["status"] != "canceled"
    )
    yield from (
        f"{invoice_and_level} was reached {times} times" for invoice_and_level, times in reached.items() if times > 1
    )
    for row in ledger.by_entity["level"]:
        if row["document_id"] not in ledger.letters:
            yield f"{row['PK']} {row['SK']} names {row['document_id']}, which does not exist"


RULES: Sequence[Callable[[Ledger], Iterator[str]]] = (
    _totals_add_up,
    _what_is_asked_for_is_settled_or_due,
    _paid_is_the_sum_of_the_payments,
    _credited_is_the_sum_of_the_credits,
    _numbers_have_no_gap_and_no_double,
    _each_version_of_a_document_has_its_entry,
    _each_event_is_about_its_resource,
    _each_event_is_published_or_in_the_outbox,
    _contents_are_whole,
    _kept_answers_are_whole,
    _unique_values_have_their_owner,
    _references_are_counted,
    _periods_are_billed_once,
    _available_files_exist,
    _levels_are_reached_once,
)
