"""The main workflow, step by step, as a client runs it: over HTTP through the gateway."""

import io
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pikepdf
from lxml import etree

from infra.local import deploy
from infra.local.demo_bank import found, statement, suggested, three_invoices
from infra.local.demo_debit import announced_invoice, debit_file, mandate
from infra.local.demo_job import PATIENCE_SECONDS, Job, keep, require, set_clock, wait_for
from infra.local.demo_report import open_items
from infra.local.demo_sale import issue
from infra.local.demo_subscription import end_of_year, subscribe, upgrade
from infra.local.failure import LocalError, last_line
from infra.local.progress import WIDTH, line
from infra.local.stack import Stack
from invoicing.documents.einvoice.cii import NAMESPACES

_EINVOICE = "factur-x.xml"
_GOODS = (
    ("Beratung", "HUR", "12.5", "96.00", "S", "19"),
    ("Lastenrad, gebraucht", "C62", "2", "1849.00", "S", "19"),
    ("Fachbuch", "C62", "7", "39.90", "S", "7"),
    ("Kaffee, 1 kg", "KGM", "3.2", "18.69", "S", "7"),
    ("Photovoltaikmodul (§ 12 Abs. 3 UStG)", "C62", "4", "219.00", "Z", "0"),
)


def demo(stack: Stack, output: Path) -> None:
    """Run every step, print its result and duration; leave the PDF in `output`, and the SEPA file beside it."""
    credentials = {"Authorization": f"Bearer {stack.api_keys['admin']}"}
    print()
    started = time.monotonic()
    with httpx.Client(base_url=stack.api_url, headers=credentials, timeout=PATIENCE_SECONDS) as api:
        job = Job(stack, api, _listen(stack), output)
        for label, step in STEPS:
            begun = time.monotonic()
            try:
                result, *more = step(job).splitlines()
            except LocalError as error:
                raise LocalError(f"{error} {_complaints(stack)}".strip()) from error
            print(f"{line(label, time.monotonic() - begun)}   {result}", flush=True)
            for detail in more:
                print(f"{' ' * (WIDTH + 13)}{detail}")
    print(f"\n{line('The whole job', time.monotonic() - started)}\n")


def _listen(stack: Stack) -> str:
    """A queue that gets every event of the bus, so that the demo can show them."""
    session = deploy.session()
    sqs = session.client("sqs", endpoint_url=stack.aws.url)
    events = session.client("events", endpoint_url=stack.aws.url)
    queue = sqs.create_queue(QueueName="demo-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = stack.outputs["BusName"]
    pattern = json.dumps({"source": ["invoicing"]})
    events.put_rule(Name="demo-events", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="demo-events", EventBusName=bus, Targets=[{"Id": "demo", "Arn": arn}])
    return queue


def _complaints(stack: Stack) -> str:
    """The unexpected errors in the functions' logs, one line for each function."""
    logs = deploy.session().client("logs", endpoint_url=stack.aws.url)
    found: dict[str, str] = {}
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
            if event["message"].startswith('{"level": "ERROR"'):
                entry = json.loads(event["message"])
                found[entry["operation"]] = last_line(entry.get("exception", ""))
    return " ".join(f"{operation}: {reason}" for operation, reason in found.items())


def _create_customer(job: Job) -> str:
    address = {"line1": "Am Deich 12", "postal_code": "28199", "city": "Bremen", "country": "DE"}
    job.customer = job.ask(
        "POST",
        "/customers",
        {
            "name": "Werft & Söhne AG",
            "type": "company",
            "emails": ["einkauf@werft-soehne.example"],
            "address": address,
            "tax_id": "DE136695976",
            "language": "de",
        },
    )
    return f"{job.customer['name']}, {job.customer['id']}"


def _draft(job: Job) -> str:
    lines = [
        {
            "name": f"{name} ({number // len(_GOODS) + 1})",
            "unit": unit,
            "quantity": quantity,
            "unit_price": price,
            "tax": {"category": category, "rate": rate},
        }
        for number in range(20)
        for name, unit, quantity, price, category, rate in [_GOODS[number % len(_GOODS)]]
    ]
    period = {"start": job.today.replace(day=1).isoformat(), "end": job.today.isoformat()}
    draft = {
        "customer_id": job.customer["id"],
        "currency": "EUR",
        "lines": lines,
        "title": "Ihre Bestellung in diesem Monat",
        "introduction": "Guten Tag,\n\nwie vereinbart berechnen wir Ihnen:",
        "closing": "Vielen Dank für Ihren Auftrag.\n\nMit freundlichen Grüßen\nKontor Nord GmbH",
        "service_period": period,
    }
    job.invoice = job.ask("POST", "/invoices", draft)
    rates = [f"{part['rate']} %: {part['tax']}" for part in job.invoice["tax_breakdown"]]
    require(len(job.invoice["lines"]) == 20 and len(rates) == 3, "The draft lacks lines or tax rates.")
    return f"20 lines, tax {', '.join(rates)}, total {job.invoice['total']} EUR"


def _finalize(job: Job) -> str:
    job.invoice = job.ask("POST", f"{job.path}/finalize", {"send": True})
    year = job.invoice["issue_date"][:4]
    require(job.invoice["number"] == f"INV-{year}-000001", f"The first number is {job.invoice['number']}.")
    return f"{job.invoice['number']}, due {job.invoice['due_date']}"


def _rendered(job: Job) -> str:
    def look() -> dict[str, Any] | None:
        job.invoice = job.ask("GET", job.path)
        pdf: dict[str, Any] = job.invoice["files"].get("pdf", {})
        return pdf if pdf.get("status") == "available" else None

    pdf = wait_for("The PDF", look)
    return f"{pdf['size']:,} bytes, sha256 {pdf['sha256'][:16]}…"


def _mailed(job: Job) -> str:
    mail = wait_for("The e-mail", lambda: next(iter(_mails(job)), None))
    [attachment] = mail["attachments"]
    require(attachment["sha256"] == job.invoice["files"]["pdf"]["sha256"], "The e-mail has another PDF attached.")
    return f"“{mail['subject']}” to {', '.join(mail['to'])}, with {attachment['name']}"


def _comment(job: Job) -> str:
    text = f"@{job.stack.user_id} please call them before the due date"
    written = job.ask("POST", f"{job.path}/comments", {"comment": text})
    entry = job.ask("GET", f"{job.path}/comments/{written['id']}")
    require(entry["mentions"] == [job.stack.user_id], "The comment mentions nobody.")
    return f"{entry['user']['full_name']}: {entry['comment']}"


def _download(job: Job) -> str:
    link = job.ask("POST", f"{job.path}/download-links", {"file": "pdf"})
    # The link needs no key.
    response = httpx.get(link["url"], follow_redirects=True, timeout=PATIENCE_SECONDS)
    require(response.is_success, f"The link failed with status {response.status_code} {response.text[:200]}")
    pdf = job.invoice["files"]["pdf"]
    key = f"{job.stack.tenant_id}/{pdf['id']}/{pdf['sha256']}"
    s3 = deploy.session().client("s3", endpoint_url=job.stack.aws.url)
    stored = s3.get_object(Bucket=job.stack.outputs["FilesBucketName"], Key=key)["Body"].read()
    require(response.content == stored, "What the link gives is not what is stored.")
    counted = _read_einvoice(job, response.content)
    keep(job.output, response.content)
    return f"valid until {link['expires_at']}; bytes equal the stored PDF, kept as {job.output}\n{counted}"


def _read_einvoice(job: Job, file: bytes) -> str:
    """Read the e-invoice out of the PDF, as a bookkeeping program does, and count it."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        attached = dict(pdf.attachments)
        require(_EINVOICE in attached, "The PDF has no e-invoice in it.")
        xml = etree.fromstring(attached[_EINVOICE].get_file().read_bytes())

    def texts(name: str) -> list[str]:
        return [node.text or "" for node in xml.iter(f"{{{NAMESPACES['ram']}}}{name}")]

    lines, [total] = texts("LineID"), texts("GrandTotalAmount")
    require(len(lines) == len(job.invoice["lines"]), "The e-invoice has other lines than the invoice.")
    require(total == job.invoice["total"], "The e-invoice has another total than the invoice.")
    return f"{_EINVOICE} in the PDF: {len(lines)} lines, total {total} EUR"


def _pay(job: Job) -> str:
    part = "1000.00"
    job.ask("POST", f"{job.path}/payments", {"amount": part, "method": "bank_transfer", "reference": "1"})
    rest = job.ask("GET", job.path)["due"]
    job.ask("POST", f"{job.path}/payments", {"amount": rest, "method": "bank_transfer", "reference": "2"})
    job.invoice = job.ask("GET", job.path)
    require(job.invoice["status"] == "paid" and job.invoice["due"] == "0.00", "The invoice is not paid.")
    return f"{part} + {rest} = {job.invoice['paid']} EUR, status {job.invoice['status']}"


def _timeline(job: Job) -> str:
    entries = job.ask("GET", f"{job.path}/comments?order=asc&limit=100")["data"]
    lines = [f"{entry['created_at'][11:23]}  {entry['action_key']:<9} {entry['type']}" for entry in entries]
    return "\n".join((f"{len(entries)} entries", *lines))


def _events(job: Job) -> str:
    sqs = deploy.session().client("sqs", endpoint_url=job.stack.aws.url)
    seen: dict[str, str] = {}

    def look() -> bool | None:
        received = sqs.receive_message(QueueUrl=job.queue, MaxNumberOfMessages=10)
        for message in received.get("Messages", ()):
            event = json.loads(message["Body"])
            seen[event["detail"]["id"]] = event["detail-type"]
            sqs.delete_message(QueueUrl=job.queue, ReceiptHandle=message["ReceiptHandle"])
        return True if "invoice.paid" in seen.values() else None

    wait_for("The event invoice.paid", look)
    return "\n".join((f"{len(seen)} events", *seen.values()))


def _left_unpaid(job: Job) -> str:
    job.ask("PATCH", "/tenant", {"base_rates": [{"valid_from": "2025-07-01", "rate": "1.27"}]})
    job.ask("POST", "/dunning-rules", {"level": 1, "type": "reminder", "days_overdue": 7, "due_in_days": 7})
    costly = {"fees": {"EUR": "5.00"}, "interest": {"points": "9"}, "attach_invoice": True}
    job.ask("POST", "/dunning-rules", {"level": 2, "type": "dunning", "days_overdue": 10, "due_in_days": 7, **costly})
    job.invoice = issue(job, job.customer, "1000.00")
    return f"{job.invoice['number']}, {job.invoice['due']} EUR due {job.invoice['due_date']}"


def _overdue(job: Job) -> str:
    set_clock(job, date.fromisoformat(job.invoice["due_date"]) + timedelta(days=1))

    def look() -> Any:
        entries = job.ask("GET", f"{job.path}/comments")["data"]
        return next((entry for entry in entries if entry["type"] == "overdue"), None)

    return f"overdue since {wait_for('The event about the due date', look)['created_at'][:10]}"


def _next_level(job: Job) -> str:
    due = job.ask("GET", f"{job.path}/dunning")["next"]
    set_clock(job, date.fromisoformat(due["at"]))

    def look() -> Any:
        found = job.ask("GET", f"/dunning-documents?invoice_id={job.invoice['id']}")["data"]
        return next((one for one in found if (one["level"], one["status"]) == (due["level"], "sent")), None)

    document = wait_for(f"Level {due['level']}", look)
    [mail] = [
        one for one in _mails(job) if f"{document['number']}.pdf" in [file["name"] for file in one["attachments"]]
    ]
    require(due["charges"] == document["charges"], "The fees are not the ones that were announced.")
    return "\n".join(
        (
            f"{document['issue_date']} “{mail['subject']}”",
            f"with {', '.join(file['name'] for file in mail['attachments'])}",
            *_items(document),
        )
    )


def _items(document: Mapping[str, Any]) -> Iterator[str]:
    """The items of a dunning document, one a line; they add up to its total."""
    yield f"open {document['open']}"
    for charge in document["charges"]:
        less = f" (less reminder fees of {charge['set_off']})" if charge["set_off"] else ""
        yield f"{charge['kind'].replace('_', ' ')}, level {charge['level']}: {charge['amount']}{less}"
    yield f"interest {document['interest']}"
    yield f"total {document['total']}"


def _pay_with_fees(job: Job) -> str:
    owed = job.ask("GET", job.path)
    amount = Decimal(owed["due"]) + Decimal(owed["dunning"]["fees_due"])
    job.ask("POST", f"{job.path}/payments", {"amount": str(amount), "method": "bank_transfer"})
    outlook = job.ask("GET", f"{job.path}/dunning")
    require(outlook["obstacle"] == "nothing_due" and outlook["next"] is None, "Dunning goes on after the payment.")
    paid = job.ask("GET", f"/dunning-documents?invoice_id={job.invoice['id']}&status=paid")["data"]
    require(len(paid) == 2, "The dunning documents are not paid.")
    return f"{amount} EUR; next level: none, {outlook['obstacle'].replace('_', ' ')}; both dunning documents are paid"


def _mails(job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(job.stack.mailbox_url, headers={"Accept": "application/json"}).json()[
        "data"
    ]
    return found


STEPS: tuple[tuple[str, Callable[[Job], str]], ...] = (
    ("Create a customer", _create_customer),
    ("Draft an invoice", _draft),
    ("Finalize and send it", _finalize),
    ("PDF rendered by the consumer", _rendered),
    ("E-mail in the local mailbox", _mailed),
    ("Comment with a mention", _comment),
    ("Fetch it by a 7-day link", _download),
    ("Part payment, then the rest", _pay),
    ("Timeline", _timeline),
    ("Events seen on the bus", _events),
    ("Another invoice, left unpaid", _left_unpaid),
    ("The day after it was due", _overdue),
    ("A week later: reminder", _next_level),
    ("Ten days later: level 2 with a fee", _next_level),
    ("Open items before the payment", open_items),
    ("Payment with the fees", _pay_with_fees),
    ("Open items after the payment", open_items),
    ("A monthly subscription", subscribe),
    ("Half a year later: an upgrade", upgrade),
    ("A year of invoices", end_of_year),
    ("Three more invoices", three_invoices),
    ("A statement of the bank", statement),
    ("Two payments found by rule", found),
    ("One payment suggested", suggested),
    ("A mandate for direct debits", mandate),
    ("An invoice that announces its debit", announced_invoice),
    ("A week before: the file for the bank", debit_file),
)
