"""The usage in the cost model equals that of the code, measured for one invoice on moto."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from infra import costs
from infra.costs import LIFE, MESSAGES, PRICES, UNITS, Units
from infra.discovery import deployed
from invoicing.aws.clients import client
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.hourly import HourlyTicks
from invoicing.observability import NAMESPACE
from invoicing.outbox.publishing import COUNTED_EVENTS
from invoicing.store.keys import INDEXES, PURGE_AT
from invoicing.webhooks.subscribable import SUBSCRIBABLE
from tests.aws import TABLE, AwsCalls, called_by
from tests.aws_events import listening
from tests.aws_limits import size
from tests.builders import customer_json, invoice_json, line_json
from tests.events import deliver, details, function, outbox, stream_event, strike
from tests.gateway import Client
from tests.infra.templates import Templates
from tests.meter import Meter, projected
from tests.uploads import check_stored_files

_OVERHEAD = 100  # bytes that DynamoDB adds to each item it stores
_ENVELOPE = 300  # bytes that EventBridge adds to a detail
_FREE = {
    "AWS::ApiGateway::Account", "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage", "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::UsagePlanKey",
    "AWS::EventSchemas::Registry", "AWS::EventSchemas::Schema",
    "AWS::Events::EventBus", "AWS::Events::Rule", "AWS::IAM::Role", "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::LayerVersion", "AWS::Logs::MetricFilter", "AWS::S3::BucketPolicy", "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::Topic",
    "AWS::KMS::Alias", "AWS::SQS::QueuePolicy", "AWS::SSM::Parameter", "AWS::WAFv2::WebACLAssociation",
}  # fmt: skip
_PRICED = {
    "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::GlobalTable", "AWS::Events::Archive",
    "AWS::KMS::Key", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue",
    "AWS::Scheduler::Schedule", "AWS::SecretsManager::Secret", "AWS::WAFv2::WebACL",
}  # fmt: skip


def stored(items: list[Any]) -> int:
    """The bytes that count as storage."""
    return sum(size(item) + _OVERHEAD for item in items)


@pytest.fixture
def meter(aws: AwsCalls) -> Iterator[Meter]:
    """Counts the units of each call."""
    with listening(Meter(aws)) as found:
        yield found


def play(api: Client, customer: str) -> None:
    """The requests of one invoice, as in the model."""
    keys = (f"{customer}-{number}" for number in range(100))

    def post(path: str, body: Any = None, status: int = 201) -> Any:
        return api.post(path, body, headers={"Idempotency-Key": next(keys)}).ok(status)

    lines = [line_json(name=f"Bohrfutter {number:02}") for number in range(LIFE.lines)]
    path = f"/invoices/{post('/invoices', invoice_json(customer_id=customer, lines=lines))['id']}"
    due = Decimal(post(f"{path}/finalize", {"send": True}, 200)["due"])
    deliver("render_document", *details("invoice.finalized"))
    deliver("send_email", *details("email.requested"))
    assert check_stored_files(api.tenant_id) == []
    post(f"{path}/comments", {"comment": "Bitte die Bestellnummer ergänzen. " * 6})
    for amount in (due - 1, Decimal(1)):
        post(f"{path}/payments", {"amount": f"{amount:.2f}"})
    link = post(f"{path}/download-links")
    assert api.get(f"/downloads/{link['url'].rpartition('/')[2]}").status == 302
    for _ in range(LIFE.calls["get_invoice"]):
        api.get(path).ok()
    for _ in range(LIFE.calls["list_invoices"]):
        assert len(api.get("/invoices").ok()["data"]) == 25
    api.get(f"{path}/comments").ok()
    balances: Any = function("record_balance").declaration
    changed = sorted(details(*balances.source.events), key=lambda event: int(event["resource"]["version"]))
    assert len(changed) == MESSAGES["record_balance"]
    deliver("record_balance", *changed)
    deliver("fan_out_webhooks", *details(*SUBSCRIBABLE))
    run: Any = function("publish_outbox").declaration
    for row in outbox():
        with called_by("publish_outbox"):
            run(stream_event([row]), None)


@pytest.fixture
def lived(api: Client, meter: Meter, aws: AwsCalls) -> dict[str, Units]:
    """The units of one invoice, in a tenant with a page of other invoices."""
    customer: str = api.post("/customers", customer_json()).ok(201)["id"]
    for _ in range(25):
        other = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{other}/finalize").ok()
    for row in outbox():
        client("dynamodb").delete_item(TableName=TABLE, Key={"PK": row["PK"], "SK": row["SK"]})
    meter.used.clear()
    aws.calls.clear()
    play(api, customer)
    return meter.taken()


def test_one_invoice_uses_the_units_that_the_costs_count(lived: dict[str, Units]) -> None:
    assert lived == UNITS


def test_one_invoice_stores_and_logs_as_the_costs_count(lived: dict[str, Units], aws: AwsCalls) -> None:
    invoice = next(row["PK"]["S"] for row in outbox())
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    passing = [item for item in items if PURGE_AT in item]
    left = [
        item
        for item in items
        if item["PK"]["S"] == invoice
        or item["SK"]["S"] == "USES"
        or (_is_of_reports(item) and invoice.rpartition("#")[2] in item["data"]["S"])
        or invoice.endswith(item.get("invoice_id", {"S": "-"})["S"])
    ]
    left = [item for item in left if item not in passing]
    in_indexes = [projected(name, item) for name in INDEXES for item in left]
    assert stored(left) == pytest.approx(costs.TABLE_BYTES, rel=0.02)
    assert stored([item for item in in_indexes if item]) == pytest.approx(costs.INDEX_BYTES, rel=0.02)
    assert stored(passing) == pytest.approx(costs.PASSING_BYTES, rel=0.02)
    entries = [entry for call in aws.calls if call.name == "events:PutEvents" for entry in call.params["Entries"]]
    assert len(entries) == costs.ENTRIES
    told = sum(len(entry["Detail"].encode()) + _ENVELOPE for entry in entries)
    assert told == pytest.approx(costs.EVENT_BYTES, rel=0.02)


def _is_of_reports(item: Any) -> bool:
    return any(part in item["PK"]["S"] for part in ("#BALANCES#", "#FACTS#"))


def test_files_and_mails_are_as_the_costs_count(lived: dict[str, Units], aws: AwsCalls) -> None:
    used = costs.usage(1)
    # The client downloads the PDF itself, from the URL of the redirect.
    assert aws.names["s3:PutObject"] == used["puts"]
    assert aws.names["s3:GetObject"] + aws.names["s3:HeadObject"] + 1 == used["gets"]
    assert aws.names["ses:SendEmail"] == used["emails"]
    assert aws.names["kms:Encrypt"] == used["key_requests"]


def test_an_empty_sweep_reads_as_much_as_the_costs_count(meter: Meter) -> None:
    sweep: Any = function("sweep_outbox").declaration
    with called_by("sweep_outbox"):
        sweep({}, None)
    assert meter.taken() == {"sweep_outbox": Units(0, costs.IDLE_SWEEP_READS)}


def test_an_idle_hour_reads_as_much_as_the_costs_count(api: Client, meter: Meter) -> None:
    for found in deployed():
        declared = found.declaration
        if isinstance(declared, Consumer) and isinstance(declared.source, HourlyTicks):
            assert strike(found.name, api.tenant_id) == []
            assert meter.taken()[found.name].reads <= costs.IDLE_HOUR_READS


def test_fixed_costs_match_the_deployed_resources(templates: Templates) -> None:
    alarms = templates.service.all("AWS::CloudWatch::Alarm").values()
    watched = sum(sum("MetricStat" in one for one in alarm.get("Metrics", [])) or 1 for alarm in alarms)
    mappings = templates.service.all("AWS::Lambda::EventSourceMapping").values()
    polled = sum("StartingPosition" not in mapping for mapping in mappings)
    used = costs.usage(0)
    assert used["alarm_metrics"] == watched
    assert used["dashboards"] == len(templates.service.all("AWS::CloudWatch::Dashboard"))
    [firewall] = templates.service.all("AWS::WAFv2::WebACL").values()
    assert used["web_acls"] == 1
    assert used["firewall_rules"] == len(firewall["Rules"])
    assert used["keys"] == len(templates.data.all("AWS::KMS::Key"))
    assert used["secrets"] == len(templates.data.all("AWS::SecretsManager::Secret"))
    hourly = sum(costs.runs_hourly(one.declaration) for one in deployed())
    assert used["queue_requests"] == polled * 648_000 + hourly * 720 * 3
    canaries = sum("-Canary-" in alarm["AlarmName"] for alarm in alarms)
    shown = len(set(COUNTED_EVENTS.values())) + 1  # DunningSkipped
    assert used["metrics"] == len(_counted_metrics(alarms)) + shown + canaries


def _counted_metrics(alarms: Iterable[Mapping[str, Any]]) -> set[str]:
    """Our own metrics of alarms, except those of single functions."""
    return {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == NAMESPACE}


def test_all_that_is_deployed_is_priced_or_free(templates: Templates) -> None:
    types = {resource["Type"] for stack in templates.stacks for resource in stack.template["Resources"].values()}
    assert types == _PRICED | _FREE


def test_every_price_is_used_and_has_a_page() -> None:
    assert set(costs.usage(1)) == set(PRICES)
    assert {price.service for price in PRICES.values()} == set(costs.PAGES)


def test_costs_grow_with_the_invoices_and_never_turn_negative() -> None:
    months = [costs.month(volume) for volume in costs.VOLUMES]
    for fewer, more in pairwise(months):
        assert all(0 <= fewer[service] <= more[service] for service in costs.PAGES)
        assert sum(fewer.values()) < sum(more.values())


def test_the_total_is_the_sum_of_the_rows_as_printed() -> None:
    rows = [line.split("|")[2:-1] for line in costs.table().splitlines()[2:] if line.startswith("|")]
    columns = zip(*([Decimal(cell.strip(" *").replace(",", "")) for cell in row] for row in rows), strict=True)
    for *services, total in columns:
        assert sum(services) == total > 0


def test_one_request_per_second_and_a_twentieth_are_traced() -> None:
    quiet, busy = costs.usage(1_000)["traces"], costs.usage(1_000_000)["traces"]
    hourly = sum(costs.runs_hourly(one.declaration) for one in deployed())
    expressions = Counter(getattr(one.declaration, "expression", "") for one in deployed())
    swept = 8_640 * expressions["rate(5 minutes)"] + 43_200 * expressions["rate(1 minute)"]
    # Each request except the opened link calls the authorizer.
    runs = 2 * sum(LIFE.calls.values()) - LIFE.calls["open_download"] + costs.ENTRIES + sum(costs.MESSAGES.values())
    assert quiet == 1_000 * runs + swept + (1 + hourly) * 720
    # Sampling is by function: the first run of each second, and a twentieth of the others.
    functions = {*LIFE.calls, *costs.MESSAGES, "authorize", "publish_outbox"}
    seconds = 30 * 86_400
    others = 8_640 * 2 + 43_200 + (1 + hourly) * 720
    assert 1_000_000 * runs / 20 < busy < len(functions) * seconds + 1_000_000 * runs / 20 + others
