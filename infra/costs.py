"""The monthly cost of the service: unit prices of a date × the usage of one invoice, and the cost at rest.

uv run python -m infra.costs      prints the README's table
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import NamedTuple

from infra.constructs.firewall import rules
from infra.discovery import AnyDeclaration, deployed
from infra.settings import Settings
from invoicing.aws.grants import Grant
from invoicing.aws.parameters import CACHED_SECONDS
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.hour_parts import HourParts
from invoicing.consumers.hourly import HourlyTicks
from invoicing.consumers.schedule import Schedule
from invoicing.consumers.table_stream import TableStream
from invoicing.http.declaration import Endpoint, Layer
from invoicing.outbox.publishing import COUNTED_EVENTS

VOLUMES = (0, 1_000, 1_000_000)
REGION = "eu-central-1"
_GB = 2**30
_MONTH_SECONDS = 30 * 86_400
_KEPT_MONTHS = 12
_CENT = Decimal("0.01")


class Price(NamedTuple):
    """The AWS price of one unit, in USD; `seen` is the date of the price list for this region."""

    service: str
    usd: Decimal
    seen: str | None


def _prices(service: str, seen: str | None, **usd: str) -> dict[str, Price]:
    return {name: Price(service, Decimal(one), seen) for name, one in usd.items()}


PAGES = {
    "API Gateway": "api-gateway/pricing/", "Lambda": "lambda/pricing/", "DynamoDB": "dynamodb/pricing/on-demand/",
    "EventBridge": "eventbridge/pricing/", "SQS": "sqs/pricing/", "S3": "s3/pricing/", "SES": "ses/pricing/",
    "CloudWatch Logs": "cloudwatch/pricing/", "CloudWatch": "cloudwatch/pricing/", "X-Ray": "xray/pricing/",
    "WAF": "waf/pricing/", "KMS": "kms/pricing/", "Secrets Manager": "secrets-manager/pricing/",
    "Data transfer out": "ec2/pricing/on-demand/",
}  # fmt: skip
"""The services, and the pages on aws.amazon.com with their prices."""

PRICES: Mapping[str, Price] = {
    **_prices("API Gateway", "2026-08-12", requests="0.0000037"),
    **_prices("Lambda", "2026-09-11", runs="0.0000002", gb_seconds="0.0000133334"),
    **_prices("DynamoDB", "2026-09-11", writes="0.0000007625", reads="0.0000001525"),
    **_prices("DynamoDB", "2026-09-11", table_gb="0.306", restorable_gb="0.2448"),
    **_prices("EventBridge", None, events="0.000001", schedules="0.000001", archived_gb="0.10", archive_gb="0.023"),
    **_prices("SQS", "2026-09-11", queue_requests="0.0000004"),
    **_prices("S3", "2026-08-31", puts="0.0000054", gets="0.00000043", file_gb="0.0245"),
    **_prices("SES", None, emails="0.00016", attached_gb="0.12"),
    **_prices("CloudWatch Logs", "2026-09-11", logged_gb="0.63", log_gb="0.0324"),
    **_prices("CloudWatch", "2026-09-11", alarm_metrics="0.10"),
    **_prices("CloudWatch", None, metrics="0.30", dashboards="3.00"),
    **_prices("X-Ray", None, traces="0.000005"),
    **_prices("WAF", None, web_acls="5.00", firewall_rules="1.00", inspected="0.0000006"),
    **_prices("KMS", None, keys="1.00", key_requests="0.000003"),
    **_prices("Secrets Manager", None, secrets="0.40", cursor_reads="0.000005"),
    **_prices("Data transfer out", "2026-08-31", out_gb="0.09"),
}
"""eu-central-1, first tier, on demand, arm64.

The live pages could not be read (November 2026): a price with a date is from a copy of the regional price list of about
that date in public repositories. Prices without a date are not verified for this region: EventBridge, metric,
dashboard, trace, firewall, key and secret have the usual prices of US East; SES has its Essentials plan in US East
(list of 2026-07-22), the default of accounts new to SES since 2026-07-21, and attachments are added at the à-la-carte
price, although that plan may not charge them.
"""


class Units(NamedTuple):
    """DynamoDB's request units."""

    writes: int
    reads: Decimal | int


@dataclass(frozen=True)
class Life:
    """The assumptions about one invoice: its requests, and how large and slow things are."""

    calls: Mapping[str, int] = MappingProxyType({
        "create_invoice": 1, "finalize_invoice": 1, "add_comment": 1, "record_payment": 2, "create_download_link": 1,
        "open_download": 1, "get_invoice": 3, "list_invoices": 2, "list_comments": 1,
    })  # fmt: skip
    lines: int = 10
    pdf_bytes: int = 70_000
    response_bytes: int = 4_000
    # Per run our line and that of Lambda; per request the line of the gateway.
    run_log_bytes: int = 600 + 500
    request_log_bytes: int = 450
    # The duration of a run, cold starts included. The slow runs render and send e-mails.
    seconds: Decimal = Decimal("0.1")
    slow_seconds: Decimal = Decimal("0.5")


LIFE = Life()

# Counted for one invoice on moto, each POST with an Idempotency-Key. tests/infra/test_costs.py verifies the counts.
UNITS: Mapping[str, Units] = {
    "authorize": Units(0, 48), "create_invoice": Units(27, 2), "finalize_invoice": Units(39, 4),
    "render_document": Units(30, 4), "send_email": Units(50, 6), "add_comment": Units(15, 0),
    "record_payment": Units(77, 4), "create_download_link": Units(17, 1), "open_download": Units(13, 3),
    "get_invoice": Units(0, 3), "list_invoices": Units(0, 10), "list_comments": Units(0, 11),
    "publish_outbox": Units(54, 0), "record_balance": Units(13, 10), "delete_unreferenced_file": Units(0, 2),
    "fan_out_webhooks": Units(0, 12),
}  # fmt: skip
ENTRIES = 13
"""Timeline entries. Each is an event and, at worst, a separate run of `publish_outbox`."""
MESSAGES = {
    "render_document": 1, "send_email": 1, "record_balance": 4, "delete_unreferenced_file": 1,
    "fan_out_webhooks": ENTRIES,
}  # fmt: skip
SLOW = {"render_document", "send_email"}
TABLE_BYTES = 24_418
INDEX_BYTES = 13_458
PASSING_BYTES = 11_873
"""Stored responses and links, which expire after a month."""
EVENT_BYTES = 25_970
IDLE_SWEEP_READS = Decimal(4)

IDLE_HOUR_READS = Decimal("2.5")
"""For a tenant with nothing due: its settings, its active runs, and an empty query of an index."""

_HOURS = _MONTH_SECONDS // 3_600
_RUNS_A_MONTH = {
    "rate(1 minute)": _MONTH_SECONDS // 60,
    "rate(5 minutes)": _MONTH_SECONDS // 300,
    "cron(0 * * * ? *)": _HOURS,
}
_SIMPLE_ALARMS = 10
"""The metrics of the alarms about the whole stage."""
_ALARM_METRICS = 6
"""Our own metrics: those of alarms and `DunningSkipped`, without those of canaries."""
_POLLS_OF_A_QUEUE = 5 * _MONTH_SECONDS // 20
"""Lambda keeps five long polls of 20 seconds open on each queue, also on empty ones."""
_REQUESTS_OF_A_MESSAGE = 3
_SECRET_READS = _MONTH_SECONDS // CACHED_SECONDS


def runs_hourly(declaration: AnyDeclaration) -> bool:
    """Whether a function runs once an hour with one tenant."""
    return isinstance(declaration, Consumer) and isinstance(declaration.source, HourlyTicks | HourParts)


def usage(invoices: int) -> dict[str, Decimal]:
    """The usage of each priced unit in a month with this number of new invoices, after twelve such months."""
    declared = {one.name: one.declaration for one in deployed()}
    scheduled = {name: _RUNS_A_MONTH[one.expression] for name, one in declared.items() if isinstance(one, Schedule)}
    # There is one tenant.
    hourly = {name: _HOURS for name, one in declared.items() if runs_hourly(one)}
    by_events = {"publish_outbox": ENTRIES, **MESSAGES}
    # At worst, the gateway's cache of credentials expires before each request.
    asked = sum(times for name, times in LIFE.calls.items() if name != "open_download")
    runs = {name: times * invoices for name, times in {**LIFE.calls, **by_events, "authorize": asked}.items()}
    runs |= scheduled | hourly
    requests = sum(LIFE.calls.values()) * invoices
    mailed = LIFE.pdf_bytes * invoices * Decimal(4) / 3
    logged = sum(runs.values()) * LIFE.run_log_bytes + requests * LIFE.request_log_bytes
    table = (TABLE_BYTES * _KEPT_MONTHS + PASSING_BYTES) * invoices
    queues, streams = (sum(isinstance(one, kind) for one in declared.values()) for kind in (Consumer, TableStream))
    messages = invoices * sum(MESSAGES.values()) + sum(hourly.values())
    rendering = sum(isinstance(one, Consumer) and Layer.DOCUMENTS in one.layers for one in declared.values())
    canaries = sum(one.canary for one in declared.values() if isinstance(one, Endpoint))
    used = {
        "requests": requests,
        "runs": sum(runs.values()),
        "gb_seconds": sum(times * _gb_seconds(name, declared[name]) for name, times in runs.items()),
        "writes": invoices * sum(units.writes for units in UNITS.values()),
        "reads": invoices * sum(units.reads for units in UNITS.values())
        + sum(scheduled.values()) * IDLE_SWEEP_READS
        + sum(hourly.values()) * IDLE_HOUR_READS,
        "table_gb": _gb(table + INDEX_BYTES * _KEPT_MONTHS * invoices),
        "restorable_gb": _gb(table),
        "events": invoices * ENTRIES + 2 * _HOURS,
        "archived_gb": _gb(invoices * EVENT_BYTES),
        "archive_gb": _gb(invoices * EVENT_BYTES),
        "schedules": sum(scheduled.values()),
        "queue_requests": messages * _REQUESTS_OF_A_MESSAGE + queues * _POLLS_OF_A_QUEUE,
        "puts": invoices,
        # Mailing and the client read the PDF; the check of the stored file reads its metadata.
        "gets": 3 * invoices,
        "file_gb": _gb(invoices * LIFE.pdf_bytes * _KEPT_MONTHS),
        "emails": invoices,
        # The token of the link in the mail.
        "key_requests": invoices,
        "attached_gb": _gb(mailed),
        "logged_gb": _gb(logged),
        "log_gb": _gb(logged),
        "alarm_metrics": _SIMPLE_ALARMS + queues + rendering + 2 * streams + len(scheduled) + 2 * canaries,
        "metrics": _ALARM_METRICS + len(set(COUNTED_EVENTS.values())) + canaries,
        "dashboards": 1,
        # The gateway does not trace, so each function begins its own trace.
        "traces": sum(map(_traced, runs.values())),
        "web_acls": 1,
        "firewall_rules": len(rules(Settings())),
        "inspected": requests,
        "keys": 1,
        "secrets": 1,
        # The runs of one worker of a list before its cached cursor secret expires and is read again.
        "cursor_reads": sum(min(times, _SECRET_READS) for name, times in runs.items() if _paginates(declared[name])),
        "out_gb": _gb(requests * LIFE.response_bytes + LIFE.pdf_bytes * invoices + mailed),
    }
    return {name: Decimal(amount) for name, amount in used.items()}


def month(invoices: int) -> dict[str, Decimal]:
    """The cost of each service in such a month, in cents' precision."""
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name, amount in usage(invoices).items():
        total[PRICES[name].service] += amount * PRICES[name].usd
    return {service: total[service].quantize(_CENT, ROUND_HALF_UP) for service in PAGES}


def table() -> str:
    """The README's table, and its assumptions."""
    months = [month(volume) for volume in VOLUMES]
    lines = ["| USD a month, invoices a month: | " + " | ".join(f"{volume:,}" for volume in VOLUMES) + " |"]
    lines.append("|---" + "|---:" * len(VOLUMES) + "|")
    for service, page in PAGES.items():
        cells = " | ".join(f"{one[service]:,.2f}" for one in months)
        lines.append(f"| [{service}](https://aws.amazon.com/{page}) | {cells} |")
    lines.append("| **Total** | " + " | ".join(f"**{sum(one.values()):,.2f}**" for one in months) + " |")
    return "\n".join([*lines, "", _explained()])


def _explained() -> str:
    calls = ", ".join(f"{times} × `{name}`" for name, times in LIFE.calls.items())
    dates = sorted(price.seen for price in PRICES.values() if price.seen)
    unseen = ", ".join(dict.fromkeys(price.service for price in PRICES.values() if price.seen is None))
    return (
        f"Prices of {REGION}, first tier, from public copies of AWS's price list of {dates[0]} to {dates[-1]}; not all "
        f"verified for that region: {unseen} ([details](costs.py)). No free tier, tax or domain. Twelve such months "
        f"are stored. An invoice has {LIFE.lines} lines and is mailed once with a PDF of {LIFE.pdf_bytes // 1000} kB; "
        f"its requests are {calls}. A test counts their DynamoDB units. Assumptions: a run takes {LIFE.seconds} s, "
        f"rendering and mailing {LIFE.slow_seconds} s, and each request calls the authorizer."
    )


def _paginates(declaration: AnyDeclaration) -> bool:
    return Grant.SIGN_CURSORS in declaration.grants


def _gb(size: int | Decimal) -> Decimal:
    return Decimal(size) / _GB


def _gb_seconds(name: str, declaration: AnyDeclaration) -> Decimal:
    return (LIFE.slow_seconds if name in SLOW else LIFE.seconds) * declaration.memory / 1024


def _traced(runs: int) -> int:
    """X-Ray's default: the first of each second, here evenly spread, and one in twenty of the others."""
    return min(runs, _MONTH_SECONDS) + max(0, runs - _MONTH_SECONDS) // 20


if __name__ == "__main__":
    print(table())  # noqa: T201 — a command's output
