"""A year of a monthly subscription, with an upgrade in the middle."""

from datetime import date, timedelta
from typing import Any

from infra.local.demo_job import Job, set_clock, wait_for
from invoicing.subscriptions.periods import day_after


def subscribe(job: Job) -> str:
    """Create the subscription from today on."""
    items = [{"line": _plan("Wartung", "49.00")}, {"line": _plan("Arbeitsplatz", "12.00"), "quantity": "5"}]
    content = {"customer_id": job.customer["id"], "currency": "EUR", "action": "finalize", "items": items}
    job.subscription = job.ask("POST", "/subscriptions", content)
    [track] = job.subscription["tracks"]
    return f"49.00 and 5 × 12.00 a month from {track['next']['start']} on"


def _plan(name: str, price: str) -> dict[str, Any]:
    return {"name": name, "unit_price": price, "tax": {"category": "S", "rate": "19"}}


def upgrade(job: Job) -> str:
    """Change the plan in the middle of the sixth period."""
    day = _pass_months(job, 5) + timedelta(days=15)
    set_clock(job, day)
    plan = {"op": "set", "item_id": job.subscription["items"][0]["id"], "line": _plan("Wartung Plus", "99.00")}
    change = job.ask("POST", f"/subscriptions/{job.subscription['id']}/changes", {"items": [plan]})
    return (
        f"99.00 from {change['on']} on: credit {change['credit']['total']}, charge {change['charge']['total']}, "
        f"to pay {change['difference']['total']} EUR"
    )


def end_of_year(job: Job) -> str:
    """Wait for the twelfth period, and list all documents."""
    _pass_months(job, 11)
    found = job.ask("GET", f"/invoices?customer_id={job.customer['id']}&limit=100&order=asc")["data"]
    documents = [
        one for one in found if one["type"] == "credit_note" or job.subscription["id"] in one["subscription_ids"]
    ]
    lines = sorted(f"{one['issue_date']}  {one['number']:<16} {one['total']:>8}" for one in documents)
    return "\n".join((f"{len(lines)} documents of the subscription", *lines))


def _pass_months(job: Job, months: int) -> date:
    """Set the clock to the first day of a later period, and wait until the period is billed. Returns that day."""
    first = date.fromisoformat(job.subscription["start_date"])
    day = day_after(first, months, 0)
    set_clock(job, day)

    def look() -> bool | None:
        [track] = job.ask("GET", f"/subscriptions/{job.subscription['id']}")["tracks"]
        return True if (track["billed_through"] or "") > day.isoformat() else None

    wait_for("The invoice of the last month", look)
    return day
