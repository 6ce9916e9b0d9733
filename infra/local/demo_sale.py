"""Customers and invoices of the demo."""

from typing import Any

from infra.local.demo_job import Job


def new_customer(job: Job, name: str) -> dict[str, Any]:
    """Create a company in Hamburg that gets its invoices by mail."""
    address = {"line1": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
    contact = {"emails": ["rechnung@kunde.example"], "language": "de"}
    created: dict[str, Any] = job.ask(
        "POST", "/customers", {"name": name, "type": "company", "address": address, **contact}
    )
    return created


def issue(job: Job, customer: dict[str, Any], net: str, *, send: bool = False, **fields: Any) -> dict[str, Any]:
    """Issue an invoice with one line at 19 %, supplied today."""
    line = {"name": "Wartung", "quantity": "1", "unit_price": net, "tax": {"category": "S", "rate": "19"}}
    day = job.today.isoformat()
    supplied = {"service_period": {"start": day, "end": day}}
    content = {"customer_id": customer["id"], "currency": "EUR", "lines": [line], **supplied, **fields}
    draft = job.ask("POST", "/invoices", content)
    issued: dict[str, Any] = job.ask("POST", f"/invoices/{draft['id']}/finalize", {"send": send})
    return issued
