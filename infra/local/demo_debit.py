"""A direct debit: the mandate of a customer, the invoice that announces it, and the file for the bank."""

from datetime import date, timedelta
from typing import Any

from lxml import etree

from infra.local.demo_job import Job, keep, require, set_clock, wait_for
from infra.local.demo_sale import issue, new_customer

_CREDITOR_ID = "DE98ZZZ09999999999"
_HOLDER = "Hofladen Marsch KG"
_IBAN = "DE91100000000123456789"
FILE = "direct-debits.xml"
"""The name of the file for the bank, beside the invoice's PDF."""
_WEEK = timedelta(days=7)


def mandate(job: Job) -> str:
    """Record the mandate that a customer signed."""
    job.ask("PATCH", "/tenant", {"creditor_id": _CREDITOR_ID})
    job.customer = new_customer(job, _HOLDER)
    account = {"type": "sepa_debit", "iban": _IBAN, "holder": _HOLDER}
    signed = {"mandate": {"signed_on": job.today.isoformat()}}
    method = job.ask("POST", f"/customers/{job.customer['id']}/payment-methods", account | signed)
    return f"{method['mandate']['reference']} of {method['holder']}, signed on {method['mandate']['signed_on']}"


def announced_invoice(job: Job) -> str:
    """Issue and send an invoice that names mandate, creditor identifier, amount and day."""
    job.invoice = issue(
        job, job.customer, "150.00", send=True, payment_method="sepa_direct_debit", payment_terms={"days": 14}
    )

    def look() -> dict[str, Any] | None:
        sent: dict[str, Any] = job.ask("GET", job.path)
        return sent if sent["sent_at"] else None

    job.invoice = wait_for("The e-mail that announces the direct debit", look)
    return f"{job.invoice['number']} announces {job.invoice['due']} EUR for {job.invoice['due_date']}, sent by e-mail"


def debit_file(job: Job) -> str:
    """Write the file for the bank a week before, and read it as the bank does."""
    due = date.fromisoformat(job.invoice["due_date"])
    set_clock(job, due - _WEEK)
    written = job.ask("POST", "/sepa-files", {"type": "debit", "due_on": due.isoformat()})
    require([one["invoice_id"] for one in written["debits"]] == [job.invoice["id"]], "Other invoices are collected.")
    content = job.read(f"/sepa-files/{written['id']}/xml")
    xml = etree.fromstring(content)
    count, total = (xml.findtext(f"{{*}}CstmrDrctDbtInitn/{{*}}GrpHdr/{{*}}{name}") for name in ("NbOfTxs", "CtrlSum"))
    require((count, total) == (str(written["count"]), written["total"]), "The file has another sum than the service.")
    require(total == job.invoice["due"], "The direct debit has another amount than the invoice.")
    path = job.output.with_name(FILE)
    keep(path, content)
    return f"{written['format']}, {count} direct debit, control sum {total} EUR, on {written['due_on']}; kept as {path}"
