"""The open items of the customer, as the bookkeeper sees them."""

from decimal import Decimal
from typing import Any

from infra.local.demo_job import Job, wait_for

_AGES = ("not_overdue", "days_1_30", "days_31_60", "days_61_90", "over_90")
_HEADS = ("not overdue", "1-30 days", "31-60 days", "61-90 days", "over 90", "due", "level")


def open_items(job: Job) -> str:
    """Read the report once it has the last change of the invoice."""
    due = Decimal(job.ask("GET", job.path)["due"])

    def look() -> list[list[dict[str, Any]]] | None:
        found = job.ask("GET", f"/reports/open-items?customer_id={job.customer['id']}")["data"]
        return [found] if sum(Decimal(row["due"]) for row in found) == due else None

    [rows] = wait_for("The report", look)
    if not rows:
        return "no open items"
    cells = [[*(row["aging"][age] for age in _AGES), row["due"], str(row["dunning_level"])] for row in rows]
    lines = ["  ".join(f"{cell:>11}" for cell in line) for line in (_HEADS, *cells)]
    return "\n".join((f"{len(rows)} customer, on {rows[0]['as_of']}", *lines))
