"""Every field that one object copies from another is in a group, and so is every field that it leaves out.

A new field fails its test here until it is decided whether it is copied.
"""

from collections import Counter
from collections.abc import Collection

from pydantic import BaseModel

from invoicing.core.identity import ERASED, Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.model import values_of
from invoicing.core.party import Buyer, Seller, Supplier
from invoicing.customers import model as customers
from invoicing.customers.model import Customer, CustomerData
from invoicing.invoices.model import Invoice
from invoicing.issuing import self_billing
from invoicing.settlement import credit_note
from invoicing.subscriptions import schedule
from invoicing.subscriptions.model import NewSubscription, SubscriptionSettings
from tests.builders import NOON

SET_BY_A_CREDIT_NOTE = {
    "id", "created_at", "updated_at", "created_by", "updated_by", "type", "type_code", "status", "number", "series",
    "issue_date", "references", "notes", "lines", "allowances", "charges", "discount", "shipping", "form",
    "introduction", "note", "closing", "credit_reason", "supporting_documents", "subtotal", "discount_amount",
    "shipping_cost", "tax", "total", "tax_breakdown", "files", "finalized_at", "prepaid_amount", "split_tax",
    "rounding", "payable", "paid", "credited", "cash_discount_taken", "written_off", "due", "refund_due", "refunded",
    "payment_status", "credit_settlement",
}  # fmt: skip
"""The number, date, texts and amounts of a credit note, and its settlement."""
OF_THE_INVOICE_ALONE = {
    # Its payment, its dunning and its due date: nothing is paid on a credit note.
    "payment_terms_text", "payment_reference", "payment_terms", "payment_method", "payment_means_code",
    "payment_means_text", "mandate", "card", "bank_account_id", "payee", "due_date", "overdue", "overdue_at", "dunning",
    "pay_by", "prepaid", "prepaid_refunded", "deposits", "deposits_released", "cash_discount_granted", "last_payment",
    "paid_at_issue", "canceled_amount",
    # Its history.
    "object", "version", "external_id", "origin", "sent_at", "canceled_at", "closed_at", "close_reason",
    "reactivated_at", "cancellation_id", "credit_note_ids", "correction_id", "final_invoice_id", "corrects_id",
    "billing_run_id", "collection", "subscription_ids", "subscription_periods", "kpis", "warnings",
    # Its own title, form, files and metadata.
    "title", "form_id", "internal_note", "attachments", "custom_attributes", "custom_objects", "metadata",
    # The buyer of a credit note has the address of the issued invoice, and its tax is not due on the invoice's date.
    "customer_address", "tax_point_date", "purpose",
}  # fmt: skip
"""The fields that a credit note does not have from its invoice."""
PERSONAL = {
    "name", "first_name", "last_name", "emails", "phone", "address", "tax_id", "legal_id", "legal_id_scheme",
    "trading_name", "party_id", "leitweg_id", "electronic_address", "supplier", "external_id", "shipping_address",
    "buyer_reference", "note", "custom_attributes", "metadata", "recipients",
}  # fmt: skip
"""The fields that can identify a customer: erasing removes them."""


def require_groups(model: type[BaseModel], *groups: Collection[str]) -> None:
    """Require that each field of the model is in exactly one of the groups."""
    decided = Counter(name for group in groups for name in group)
    assert decided.keys() ^ model.model_fields.keys() == set(), f"put these fields of {model.__name__} into a group"
    assert [name for name, times in decided.items() if times > 1] == []


def test_a_credit_note_copies_a_field_or_leaves_it_on_purpose() -> None:
    require_groups(Invoice, credit_note._OF_THE_INVOICE, SET_BY_A_CREDIT_NOTE, OF_THE_INVOICE_ALONE)


def test_exchanged_roles_cover_every_field_of_the_parties() -> None:
    shared, of_suppliers = self_billing._SHARED, self_billing._OF_SUPPLIERS
    renamed = {"tax_id", "party_id", "first_name", "last_name", "phone", "emails", "supplier"}
    require_groups(Buyer, shared, renamed, {"type", "leitweg_id"})
    require_groups(Supplier, of_suppliers, {"party_ids"})
    of_issuers = {"units", "creditor_id", "logo"}
    require_groups(Seller, shared, of_suppliers, {"vat_id", "party_ids", "contact"}, of_issuers)


def test_a_new_subscription_takes_every_field_of_its_request() -> None:
    computed, of_the_request = {"customer_id", "currency", "start_date", "items"}, {"catch_up", "dry_run"}
    require_groups(NewSubscription, SubscriptionSettings.model_fields, schedule._TAKEN, computed, of_the_request)


def test_erasing_decides_about_every_field_of_a_customer() -> None:
    # `archived_at` is set by it.
    require_groups(CustomerData, customers._NOT_PERSONAL, PERSONAL, {"group", "form_id", "archived_at"})


def test_an_erased_customer_has_no_personal_data() -> None:
    moment = Moment(Caller.system(new_id("ten", NOON)), NOON)
    known = Customer.new(new_id("cus", NOON), CustomerData(name="Anna Berg"), moment)
    erased = known.model_copy(update=dict.fromkeys(PERSONAL, "personal")).erased(moment)
    empty = {name: CustomerData.model_fields[name].get_default(call_default_factory=True) for name in PERSONAL}
    assert values_of(erased, PERSONAL) == empty | {"name": ERASED}
