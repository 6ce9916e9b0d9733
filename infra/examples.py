"""An example body for each operation with a body. The local stack accepts each unchanged, except for its ids."""

import json
from pathlib import Path
from typing import Any

_CUSTOMER = "cus_01JD8X2V6PZ3QK7M5T9WRC4HBN"
_LINE = {
    "name": "Consulting",
    "description": "Workshop on 12 March",
    "quantity": "2.5",
    "unit": "HUR",
    "unit_price": "96.00",
    "tax": {"category": "S", "rate": "19"},
}
_ADDRESS = {"line1": "Am Deich 12", "postal_code": "28199", "city": "Bremen", "country": "DE"}
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
"""A PNG of one pixel."""
_LETTERHEAD = (
    "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbMyAw"
    "IFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRpYUJveFswIDAgNTk1IDg0Ml0vQ29udGVu"
    "dHMgNCAwIFI+PmVuZG9iago0IDAgb2JqPDwvTGVuZ3RoIDQyPj5zdHJlYW0KMC4wNCAwLjM1IDAuNjMgUkcgMyB3IDU3IDc4NSBtIDUzOCA3"
    "ODUgbCBTCmVuZHN0cmVhbSBlbmRvYmoKdHJhaWxlcjw8L1Jvb3QgMSAwIFI+PgolJUVPRg=="
)
"""A PDF of one page with a blue rule at its head."""
_STATEMENT = (
    "OjIwOlNUQVJUVU1TCjoyNTowMjQ1MTI2MTk5CjoyOEM6MDAwMDEvMDAxCjo2MEY6QzI2MDMwMUVVUjEwMDAsMDAKOjYxOjI2MDMwMjAzMDJDUjEx"
    "OSwwME5UUkZOT05SRUYKOjg2OjE2Nj8wMEdVVFNDSFJJRlQ/MjBFUkVGK0lOVi0yMDI2LTAwMDAwMSBTVldaK0lOPzIxVi0yMDI2LTAwMDAwMT8z"
    "MURFMDIxMjAzMDAwMDAwMAowMjAyMDUxPzMyV2VyZnQgdW5kIFNvZWhuZSBBRwo6NjJGOkMyNjAzMDJFVVIxMTE5LDAwCi0K"
)
"""An MT940 file with one payment."""

REQUESTS: dict[str, Any] = {
    "add_comment": {"comment": "The customer asked for a call before delivery.", "public": False, "pinned": True},
    "add_lines": {"lines": [_LINE]},
    "set_bank_transaction_status": {"status": "ignored", "reason": "bank_charges", "account": "4970"},
    "allocate_bank_transaction": {"allocations": [{"invoice_id": "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN"}]},
    "start_bank_matching_run": {"dry_run": False, "bank_account_id": "main"},
    "cancel_dunning_document": {"reason": "The customer had paid in time."},
    "cancel_invoice": {"reason": "Wrong customer"},
    "close_invoice": {"reason": "write_off"},
    "correct_invoice": {"reason": "Wrong quantity"},
    "create_adjustment": {
        "customer_id": _CUSTOMER,
        "amount": "-25.00",
        "description": "Goodwill credit",
        "tax": {"category": "S", "rate": "19"},
    },
    "create_api_key": {"name": "Web shop", "scopes": ["invoice:read", "invoice:write"]},
    "create_customer": {
        "type": "company",
        "name": "Werft & Söhne AG",
        "emails": ["buyer@example.com"],
        "address": _ADDRESS,
        "language": "de",
        "payment_terms": {"days": 14, "discount_percent": "2", "discount_days": 7},
    },
    "add_price_version": {"valid_from": "2099-01-01", "amounts": {"EUR": {"unit_amount": "14.00"}}},
    "calculate_price": {"quantity": "5", "currency": "EUR", "share": {"days": 16, "of": 31}},
    "create_price": {
        "name": "Monthly",
        "model": "unit",
        "interval": {"unit": "month", "count": 1},
        "amounts": {"EUR": {"unit_amount": "12.00"}, "USD": {"unit_amount": "13.00"}},
    },
    "create_product": {
        "code": "SEAT",
        "name": {"de": "Arbeitsplatz"},
        "unit": "C62",
        "tax": {"category": "S", "rate": "19"},
    },
    "create_document_form": {
        "name": "Bremen branch",
        "accent_color": "#0a5aa0",
        "columns": ["position", "quantity", "unit_price"],
        "footer": "Our general terms apply: example.com/terms",
        "texts": [{"type": "invoice", "language": "de", "closing": "Vielen Dank."}],
    },
    "create_download_link": {"file": "pdf", "expires_in": 86_400},
    "create_dunning_download_link": {"expires_in": 86_400},
    "create_dunning_rule": {"level": 1, "days_overdue": 7, "due_in_days": 14, "type": "reminder"},
    "create_invoice": {
        "customer_id": _CUSTOMER,
        "currency": "EUR",
        "lines": [_LINE],
        "service_period": {"start": "2026-03-01", "end": "2026-03-10"},
        "introduction": "Thank you for your order.",
    },
    "create_note": {"note": "<p>Approved, see the <b>receipt</b>.</p>"},
    "create_note_file_link": {"expires_in": 86_400},
    "comment_on_page": {"form_token": "a" * 43, "comment": "Can we pay in two parts?"},
    "open_successor": {"form_token": "a" * 43},
    "renew_page_link": {"form_token": "a" * 43},
    "create_payment_method": {
        "type": "sepa_debit",
        "iban": "DE02 1203 0000 0000 2020 51",
        "holder": "Werft & Söhne AG",
        "default": True,
        "mandate": {"signed_on": "2026-03-01"},
    },
    "update_payment_method": {"blocked": True},
    "create_sepa_file": {"type": "debit"},
    "cancel_sepa_file": {},
    "create_sepa_file_link": {"expires_in": 3_600},
    "create_page_link": {"expires_in": 15_552_000},
    "create_subscription": {
        "customer_id": _CUSTOMER,
        "name": "Maintenance 4711",
        "currency": "EUR",
        "action": "finalize",
        "texts": {"title": "Maintenance {period.month} {period.year}"},
        "items": [
            {
                "line": {"name": "Maintenance", "unit_price": "49.00", "tax": {"category": "S", "rate": "19"}},
                "interval": {"unit": "month", "count": 1},
                "timing": "advance",
            },
            {
                "line": {"name": "Seat", "unit_price": "12.00", "tax": {"category": "S", "rate": "19"}},
                "quantity": "5",
            },
        ],
    },
    "request_statement_upload": {"size": 12_582_912, "sha256": "5f" * 32},
    "upload_bank_statement": {"content": _STATEMENT, "bank_account_id": "main"},
    "update_subscription": {"purchase_order_id": "PO-7", "hour": 8},
    "change_subscription": {
        "items": [
            {
                "op": "add",
                "item": {
                    "line": {"name": "Hotline", "unit_price": "19.00", "tax": {"category": "S", "rate": "19"}},
                    "interval": {"unit": "month", "count": 1},
                },
            },
        ],
        "at": "now",
    },
    "decide_period": {"action": "bill"},
    "pause_subscription": {"from": "2035-08-01", "until": "2035-09-30"},
    "resume_subscription": {"bill": False},
    "set_cancellation": {"at": "period_end", "reason": "The office closes"},
    "create_order": {"customer_id": _CUSTOMER, "currency": "EUR", "purchase_order_id": "PO-7", "lines": [_LINE]},
    "create_user": {"email": "bo@example.com", "first_name": "Bo", "last_name": "Berg", "role": "bookkeeper"},
    "credit_invoice": {"amount": "19.00", "reason": "product_unsatisfactory", "comment": "Discount for the delay"},
    "finalize_invoice": {"send": False},
    "invoice_order": {"note": "Delivered in full."},
    "put_note": {"text": "<p>Approved by Ms Berg.</p>"},
    "refund_transaction": {"amount": "19.00"},
    "record_payment": {"amount": "119.00", "method": "bank_transfer", "reference": "INV-2026-000001"},
    "request_upload": {
        "name": "plan.pdf",
        "content_type": "application/pdf",
        "size": 12_582_912,
        "sha256": "5f" * 32,
    },
    "send_receipt": {"to": ["buyer@example.com"], "subject": "Thank you for your payment"},
    "send_bank_transactions": {
        "bank_account_id": "main",
        "transactions": [
            {
                "external_id": "2026-03-02/00017",
                "booked_on": "2026-03-02",
                "direction": "credit",
                "amount": "119.00",
                "currency": "EUR",
                "counterparty": {"name": "Werft & Söhne AG", "iban": "DE02120300000000202051"},
                "remittance": "INV-2026-000001",
            },
        ],
    },
    "send_statement": {"to": ["buyer@example.com"], "subject": "Your account"},
    "send_invoice": {"to": ["buyer@example.com"], "subject": "Your invoice", "message": "Please find it attached."},
    "set_customer_address": _ADDRESS,
    "set_dunning": {"disabled": True, "reason": "Instalments agreed"},
    "set_form_letterhead": {"file": _LETTERHEAD},
    "set_form_logo": {"image": _DOT},
    "set_invoice_status": {"status": "paid"},
    "set_logo": {"image": _DOT},
    "set_note": {"internal_note": "Ask for Ms Berg."},
    "set_payment_method": {"method": "bank_transfer"},
    "set_test_clock": {"now": "2035-01-01T09:00:00.000Z"},
    "start_billing_run": {"source": "drafts", "filter": {"created_to": "2035-01-01T00:00:00.000Z"}, "send": False},
    "resume_billing_run": {"brake": {"invoices": 500}},
    "start_dunning_run": {"dry_run": True},
    "update_api_key": {"name": "Web shop (Bremen)"},
    "update_comment": {"pinned": False},
    "update_customer": {"phone": "+49 421 123456", "emails": ["invoices@example.com"]},
    "update_price": {"default": True},
    "update_product": {"accounting_code": "8400"},
    "update_document_form": {"accent_color": "#7a1f3d"},
    "update_dunning_rule": {"days_overdue": 10},
    "update_invoice": {"lines": [_LINE], "closing": "We look forward to working with you."},
    "update_line": {"quantity": "3", "unit_price": "95.00"},
    "update_order": {"purchase_order_id": "PO-8"},
    "update_tenant": {"language": "de", "payment_terms": {"days": 14}},
    "create_webhook_endpoint": {
        "url": "https://example.com/webhooks",
        "description": "Web shop",
        "events": ["invoice.finalized", "invoice.paid"],
    },
    "acknowledge_webhook_deliveries": {"delivery_ids": ["dlv_01JD8X2V6PZ3QK7M5T9WRC4HBN"]},
    "replay_webhook_deliveries": {"created_from": "2026-03-01T00:00:00.000Z", "status": "failed"},
    "rotate_webhook_secret": {"grace": 86_400},
    "update_webhook_endpoint": {"events": ["invoice.*"]},
    "update_user": {"last_name": "Bergmann"},
}

RESPONSES_FILE = Path(__file__).with_name("openapi_examples.json")
RESPONSES: dict[str, Any] = json.loads(RESPONSES_FILE.read_text(encoding="utf-8"))
"""The response of each operation to its example, as a test recorded it (`tests/contract/test_examples.py`)."""
