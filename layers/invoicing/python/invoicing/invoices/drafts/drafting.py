"""Changes of single parts of a draft."""

from invoicing.catalogue.price_line import PriceLine
from invoicing.core.errors import Invalid
from invoicing.core.model import values_of
from invoicing.document_forms.design import STANDARD_TEXTS
from invoicing.invoices.drafts.model import MAX_LINES, ChangedInvoice, NewInvoice, RequestedChange
from invoicing.invoices.model import Invoice
from invoicing.issuing.self_billing import form_document
from invoicing.pricing.errors import LineNotFound
from invoicing.pricing.line import ChangedLine, NewLine

COPIED = frozenset({
    "customer_id", "customer_address", "ship_to", "payee", "language", "currency", "price_tax_inclusive",
    "payment_terms", "payment_method", "payment_means_code", "payment_means_text", "bank_account_id",
    "contract_reference", "buyer_reference", "tax_currency", "discount",
    "shipping", "allowances", "charges", "title", "introduction", "note", "closing", "internal_note",
    "custom_attributes", "custom_objects", "form_id", "metadata", "purpose", "type_code",
    "business_process", "tax_point_code", "notes", "payment_terms_text",
    "project_reference", "tender_reference", "object_id", "object_scheme", "accounting_reference",
})  # fmt: skip
"""The fields that a duplicate and a correction take over."""
CORRECTED = frozenset({
    "references", "supporting_documents", "service_period", "delivery_date", "purchase_order_id", "mandate",
    "card", "exchange_rate",
    "sales_order_id", "despatch_reference", "receiving_reference",
    "tax_point_date",
})  # fmt: skip
"""The fields of one delivery or payment: a correction takes them over, a duplicate does not."""
IDENTIFYING = frozenset({
    "customer", "external_id", "order_id", "issue_date", "due_date", "payment_reference", "prepaid", "rounding",
    "deposits",
})  # fmt: skip
"""The fields that no copy takes over: they identify one document, or are set separately (customer, order, deposits).

Paid money counts once: the prepaid amount of an invoice moves to its correction as a payment.
"""
LINE_COPIED = frozenset({
    "item_id", "buyer_item_id", "standard_item_id", "standard_item_scheme", "classifications", "origin_country",
    "attributes", "note", "object_id", "object_scheme", "name", "description", "quantity", "unit", "unit_price",
    "price_base_quantity", "gross_price", "price_discount", "net", "discount", "allowances", "charges", "tax",
    "accounting_code", "warehouse", "package_name", "metadata",
})  # fmt: skip
"""The fields of a line that a duplicate takes over."""
LINE_CORRECTED = frozenset({"period", "serial_number", "ordered_quantity", "order_line"})
"""The fields of a line that belong to one delivery."""
_NEEDS_DETAILS = {"sepa_direct_debit", "card"}
"""Payment methods that require a mandate or card, which a duplicate does not have."""


def with_lines(data: ChangedInvoice, lines: tuple[NewLine | PriceLine, ...]) -> RequestedChange:
    """The draft with more lines at its end."""
    if len(data.lines) + len(lines) > MAX_LINES:
        raise Invalid(f"A document can have at most {MAX_LINES} lines.", pointer="/lines")
    added = (line if isinstance(line, PriceLine) else ChangedLine(**dict(line)) for line in lines)
    return RequestedChange(**{**dict(data), "lines": (*data.lines, *added)})


def line_of(data: ChangedInvoice, line_id: str) -> NewLine:
    """The fields that a client sent for one line of a draft."""
    found = [line for line in data.lines if line.id == line_id]
    if not found:
        raise LineNotFound
    if len(found) > 1:
        # Drafts of earlier releases can have several lines with the same id.
        raise Invalid("Several lines of the draft have this id. Replace the list of lines.", pointer="")
    return found[0].stated


def with_line(data: ChangedInvoice, line_id: str, line: NewLine | None) -> ChangedInvoice:
    """The draft with one line replaced, or removed if no replacement is given."""
    changed = line and ChangedLine(**dict(line), id=line_id)
    line_of(data, line_id)
    lines = ((changed if kept.id == line_id else kept) for kept in data.lines)
    return data.model_copy(update={"lines": tuple(filter(None, lines))})


def duplicated(invoice: Invoice) -> NewInvoice:
    """The content of a duplicate: nothing that identifies the document, its delivery or its payment."""
    without = (
        {"payment_method", "payment_means_code", "payment_means_text"}
        if invoice.payment_method in _NEEDS_DETAILS
        else set()
    )
    return _copied(invoice, COPIED - without, LINE_COPIED)


def corrected(invoice: Invoice) -> NewInvoice:
    """The content of a correction, about the same delivery: all fields but those that identify the document."""
    return _copied(invoice, COPIED | CORRECTED, LINE_COPIED | LINE_CORRECTED)


def _copied(invoice: Invoice, fields: frozenset[str], line_fields: frozenset[str]) -> NewInvoice:
    copied = values_of(invoice, fields)
    if invoice.form:
        copied |= invoice.form.own_texts(form_document(invoice), {name: copied[name] for name in STANDARD_TEXTS})
    lines = tuple(line.as_new(line_fields) for line in invoice.lines)
    return NewInvoice(**copied, customer=None if invoice.customer_id else invoice.customer, lines=lines)
