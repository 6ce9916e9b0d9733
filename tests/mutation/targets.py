"""The modules that are mutated, each with the tests that have to notice."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

LAYER = Path("layers/invoicing/python")
_MONEY = ("tests/unit/test_money.py", "tests/unit/test_totals.py", "tests/unit/test_entry_amounts.py")
_LINES = ("tests/unit/test_line.py", "tests/unit/test_line_details.py", "tests/unit/test_einvoice_prices.py")
_ALLOWANCES = ("tests/unit/test_allowances.py",)
_CREDIT = (
    "tests/unit/test_credit.py",
    "tests/unit/test_credit_arithmetic.py",
    "tests/unit/test_credit_lines.py",
    "tests/unit/test_credit_settlement.py",
    "tests/unit/test_repeated_line_ids.py",
    "tests/unit/test_split_payment.py",
    "tests/unit/test_zero_quantity.py",
)
_SETTLEMENT = (
    "tests/unit/test_settlement.py",
    "tests/unit/test_settlement_limits.py",
    "tests/unit/test_settlement_status.py",
    "tests/unit/test_credit_settlement.py",
    "tests/unit/test_lifecycle.py",
    "tests/unit/test_payable.py",
    "tests/unit/test_split_payment.py",
    "tests/unit/test_tax_of_lives.py",
)
_DEPOSITS = ("tests/unit/test_deposits.py", "tests/functions/test_deposits.py")
_INVOICES = "tests/functions/invoices"
_NUMBERS = (
    "tests/unit/test_numbering.py",
    "tests/functions/number_series",
    f"{_INVOICES}/test_finalize_invoice.py",
    "tests/functions/tenant/test_update_tenant.py",
)
_PRICES = ("tests/unit/test_price_models.py", "tests/unit/test_price_properties.py")
_CATALOGUE = (*_PRICES, "tests/functions/prices", "tests/functions/test_lines_from_prices.py")
_STORE = (
    "tests/store/test_commit.py",
    "tests/store/test_store.py",
    "tests/store/test_revisions.py",
    "tests/store/test_writes.py",
)

TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "invoicing.catalogue.amounts": _CATALOGUE,
        "invoicing.catalogue.lines": _CATALOGUE,
        "invoicing.core.currency": ("tests/unit/test_currency.py", *_MONEY),
        "invoicing.pricing.allowances": (*_ALLOWANCES, *_MONEY),
        "invoicing.pricing.line": (*_LINES, *_MONEY),
        "invoicing.pricing.payable": (*_SETTLEMENT, *_MONEY),
        "invoicing.pricing.net_prices": ("tests/unit/test_einvoice_prices.py", *_ALLOWANCES, *_MONEY),
        "invoicing.pricing.prices": (
            *_LINES,
            *_MONEY,
            "tests/functions/test_lines_from_prices.py",
            f"{_INVOICES}/test_add_lines.py",
            f"{_INVOICES}/test_update_invoice.py",
            "tests/functions/orders/test_update_order.py",
        ),
        "invoicing.pricing.share": (
            "tests/unit/test_price_shares.py",
            "tests/unit/test_subscription_shares.py",
            "tests/unit/test_subscription_schedule.py",
            *_LINES,
            *_PRICES,
        ),
        "invoicing.pricing.tax": ("tests/unit/test_tax.py", *_MONEY),
        "invoicing.pricing.totals": (
            *_MONEY,
            *_ALLOWANCES,
            *_LINES,
            f"{_INVOICES}/test_explain_invoice.py",
        ),
        "invoicing.settlement.balance": (*_SETTLEMENT, f"{_INVOICES}/test_credit_invoice.py"),
        "invoicing.settlement.canceling": (*_CREDIT, *_SETTLEMENT, f"{_INVOICES}/test_cancel_invoice.py"),
        "invoicing.settlement.closing": (
            *_SETTLEMENT,
            f"{_INVOICES}/test_close_invoice.py",
            f"{_INVOICES}/test_reactivate_invoice.py",
        ),
        "invoicing.settlement.credit": (*_CREDIT, *_SETTLEMENT, f"{_INVOICES}/test_credit_invoice.py"),
        "invoicing.settlement.credit_note": (
            *_CREDIT,
            "tests/unit/test_line_details.py",
            "tests/unit/test_given_amounts.py",
            "tests/unit/test_supply_dates.py",
            f"{_INVOICES}/test_credit_invoice.py",
        ),
        "invoicing.settlement.deducting": _DEPOSITS,
        "invoicing.settlement.deposits": _DEPOSITS,
        "invoicing.settlement.model": (*_SETTLEMENT, *_CREDIT, "tests/functions/payments"),
        "invoicing.numbering.model": _NUMBERS,
        "invoicing.numbering.report": _NUMBERS,
        "invoicing.numbering.table": _NUMBERS,
        "invoicing.numbering.workflow": _NUMBERS,
        "invoicing.store.changes": _STORE,
        "invoicing.store.commit": (
            *_STORE,
            "tests/store/test_rollback.py",
            "tests/store/test_stored.py",
            "tests/store/test_whole_drafts.py",
            "tests/functions/customers/test_create_customer.py",
        ),
        "invoicing.store.cursor": ("tests/store/test_cursor.py", "tests/store/test_listing.py"),
        "invoicing.store.idempotency": (
            *_STORE,
            "tests/store/test_records.py",
            "tests/functions/events/test_erase_copies.py",
        ),
        "invoicing.store.transaction": (*_STORE, "tests/store/test_retrying.py"),
    }
)
