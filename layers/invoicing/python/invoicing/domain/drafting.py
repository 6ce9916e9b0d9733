"""Single changes to what a client says about a draft."""

from typing import Any

from invoicing.domain.draft import MAX_LINES, ChangedInvoice, DraftData, NewInvoice
from invoicing.domain.errors import Invalid, LineNotFound
from invoicing.domain.invoice import Invoice
from invoicing.domain.line import ChangedLine, NewLine

_ITS_OWN = {"customer", "external_id", "order_id", "issue_date", "due_date"}
"""What a copy does not take over: who the customer was, what names one document alone, its days."""


def with_lines(data: ChangedInvoice, lines: tuple[NewLine, ...]) -> ChangedInvoice:
    """The draft with more lines at its end."""
    if len(data.lines) + len(lines) > MAX_LINES:
        raise Invalid(f"A document can have at most {MAX_LINES} lines.", pointer="/lines")
    return data.model_copy(update={"lines": (*data.lines, *(ChangedLine(**dict(line)) for line in lines))})


def line_of(data: ChangedInvoice, line_id: str) -> NewLine:
    """What is said in one line of a draft."""
    for line in data.lines:
        if line.id == line_id:
            return line.said
    raise LineNotFound


def with_line(data: ChangedInvoice, line_id: str, line: NewLine | None) -> ChangedInvoice:
    """The draft with one line as given in the place of what it was; without it, where none is given."""
    changed = line and ChangedLine(**dict(line), id=line_id)
    line_of(data, line_id)
    lines = ((changed if kept.id == line_id else kept) for kept in data.lines)
    return data.model_copy(update={"lines": tuple(filter(None, lines))})


def copied(invoice: Invoice) -> NewInvoice:
    """What a copy of a document says: all that it says, but for its number, its days and what became of it."""
    said: dict[str, Any] = {name: getattr(invoice, name) for name in DraftData.model_fields if name not in _ITS_OWN}
    lines = tuple(line.said for line in invoice.lines)
    return NewInvoice(**said, customer=None if invoice.customer_id else invoice.customer, lines=lines)
