"""Which invoices a direct debit can collect on a day, and the day of direct debits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.collection.model import PaymentMethod, SepaMandate
from invoicing.collection.ready import Candidate, SkipReason, collectable, collection_day, method_for
from invoicing.collection.target_days import is_target_day
from invoicing.core.errors import DateNotAllowed
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.direct_debit import DebitNotice, FailedDebit, InvoiceCollection
from invoicing.tenants.banking import CollectionSettings
from tests.builders import NOON, tenant
from tests.collection import CREDITOR_ID, IBAN

DAY = date(2026, 4, 15)
SENT = datetime(2026, 4, 1, 8, tzinfo=UTC)
ZERO = Decimal("0.00")
NOTICE = DebitNotice(mandate_reference="M-1", creditor_id=CREDITOR_ID, amount=Decimal("119.00"), collected_on=DAY)
TENANT = tenant(creditor_id=CREDITOR_ID)


def invoice(**fields: Any) -> InvoiceSummary:
    sums = ("discount_amount", "shipping_cost", "paid", "credited", "cash_discount_taken", "written_off", "refund_due")
    amounts = dict.fromkeys((*sums, "refunded", "canceled_amount", "cash_discount_granted"), ZERO)
    facts = {"subtotal": Decimal("100.00"), "tax": Decimal("19.00"), "total": Decimal("119.00")}
    given = {
        "id": "inv_01KK0000000000000000000000",
        "language": "de",
        "status": Status.OPEN,
        "currency": "EUR",
        "due": Decimal("119.00"),
        "due_date": DAY,
        "payment_method": "sepa_direct_debit",
        "collection": InvoiceCollection(mandate_reference="M-1", notice=NOTICE),
        "sent_at": SENT,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return InvoiceSummary(**{**amounts, **facts, **given, **fields})


def method(reference: str = "M-1", *, last_collected_on: date | None = None, **fields: Any) -> PaymentMethod:
    mandate: dict[str, Any] = {"reference": reference, "scheme": "core", "type": "recurrent"}
    made = {
        "id": f"pme_{reference:0>26}".replace("-", "0"),
        "customer_id": "cus_01KK0000000000000000000000",
        "status": "active",
        "iban": IBAN,
        "holder": "Werft",
        "mandate": SepaMandate(**mandate, signed_on=date(2026, 1, 1), last_collected_on=last_collected_on),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return PaymentMethod(**{**made, **fields})


def reason(
    made: InvoiceSummary, *methods: PaymentMethod, on: date = DAY, has_debit: bool = False, **settings: Any
) -> SkipReason | None:
    ours = tenant(creditor_id=CREDITOR_ID, collection=CollectionSettings(**settings))
    return collectable(Candidate(made, methods or (method(),), has_debit), ours, on).reason


def with_notice(**fields: Any) -> InvoiceSummary:
    return invoice(collection=InvoiceCollection(notice=NOTICE.model_copy(update=fields)))


def failed(code: str | None, on: date, count: int = 1, reference: str = "M-1") -> InvoiceSummary:
    debit = FailedDebit(mandate_reference=reference, code=code, on=on, count=count)
    return invoice(collection=InvoiceCollection(mandate_reference="M-1", notice=NOTICE, failed=debit))


def test_an_announced_invoice_is_ready_on_its_day() -> None:
    ready = collectable(Candidate(invoice(), [method("M-2"), method()], has_debit=False), TENANT, DAY)
    assert ready.reason is None
    assert ready.method
    assert ready.method.mandate.reference == "M-1"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": Status.PAID}, "not_open"),
        ({"status": Status.DRAFT}, "not_open"),
        ({"type": "credit_note"}, "not_open"),
        ({"due": ZERO}, "nothing_due"),
        ({"type_code": "389"}, "nothing_due"),
        ({"currency": "CHF"}, "not_eur"),
        ({"payment_method": None}, "other_payment_method"),
        ({"payment_method": "card"}, "other_payment_method"),
        ({"due_date": DAY + timedelta(days=1)}, "not_due"),
        ({"due_date": None}, "not_due"),
        ({"sent_at": None}, "not_announced"),
        ({"sent_at": SENT + timedelta(days=1)}, "not_announced"),
        ({"collection": None}, "not_announced"),
        ({"due": Decimal("119.01")}, "not_announced"),
        ({"due": Decimal("1.00")}, None),
    ],
)
def test_each_obstacle_has_its_reason(fields: dict[str, Any], expected: SkipReason | None) -> None:
    assert reason(invoice(**fields)) == expected


def test_a_debit_under_way_excludes_another() -> None:
    assert reason(invoice(), has_debit=True) == "debit_under_way"


@pytest.mark.parametrize("status", ["pending", "blocked", "revoked", "used"])
def test_only_an_active_mandate_is_debited(status: str) -> None:
    assert reason(invoice(), method(status=status)) == "no_active_mandate"
    assert reason(invoice(), method("M-2")) == "no_active_mandate"


def test_a_mandate_expires_36_months_after_its_last_debit() -> None:
    used = method(last_collected_on=date(2023, 4, 15))
    assert reason(invoice(), used) is None
    assert reason(invoice(), used, on=DAY + timedelta(days=1)) == "no_active_mandate"
    assert not method(last_collected_on=date(2024, 2, 29)).is_expired(date(2027, 2, 28))
    assert method(last_collected_on=date(2024, 2, 29)).is_expired(date(2027, 3, 1))


def test_without_a_named_mandate_the_default_is_debited() -> None:
    plain = invoice(collection=None)
    one, other = method("M-1"), method("M-2", default=True)
    assert method_for(plain, [one, other], DAY) == other
    assert method_for(plain, [one], DAY) == one
    assert method_for(plain, [one, method("M-3")], DAY) is None


def test_an_announcement_names_mandate_creditor_and_day() -> None:
    assert reason(with_notice(mandate_reference="m-1 ")) is None
    assert reason(with_notice(mandate_reference="M-2")) == "not_announced"
    assert reason(with_notice(creditor_id="DE00ZZZ0")) == "not_announced"
    assert reason(with_notice(collected_on=DAY + timedelta(days=1))) == "not_announced"


def test_a_mail_counts_from_the_local_date_of_its_request() -> None:
    # 23:00 in UTC is the next day in Berlin.
    assert reason(with_notice(announced_at=datetime(2026, 3, 31, 21, 59, tzinfo=UTC))) is None
    assert reason(with_notice(announced_at=datetime(2026, 4, 1, 22, 1, tzinfo=UTC))) == "not_announced"
    late = with_notice(announced_at=datetime(2026, 4, 13, 12, tzinfo=UTC))
    assert reason(late) == "not_announced"
    assert reason(late, prenotification_days=2) is None


def test_a_returned_debit_is_repeated_once_if_allowed() -> None:
    again = failed("AM04", date(2026, 4, 8))
    assert reason(again) == "returned"
    assert reason(again, retry_returned=True) is None
    assert reason(again, on=date(2026, 4, 14), retry_returned=True) == "not_due"
    assert reason(failed("AM04", date(2026, 4, 9)), retry_returned=True) == "returned"
    assert reason(failed("AM04", date(2026, 4, 1), count=2), retry_returned=True) == "returned"
    assert reason(failed("AC04", date(2026, 4, 1)), retry_returned=True) == "returned"
    assert reason(failed("AC04", date(2026, 4, 1), reference="M-0")) is None


def test_failures_are_counted_for_each_mandate() -> None:
    once = InvoiceCollection().after_failure("M-1", "AM04", DAY)
    assert once.after_failure("M-1", None, DAY).failed == FailedDebit(mandate_reference="M-1", on=DAY, count=2)
    assert once.after_failure("M-2", None, DAY).failed == FailedDebit(mandate_reference="M-2", on=DAY)


@pytest.mark.parametrize(
    ("local", "cutoff", "wanted", "expected"),
    [
        ("2026-12-23T09:00", "12:00", None, "2026-12-24"),
        ("2026-12-23T12:00", "12:00", None, "2026-12-28"),
        ("2026-12-23T23:59", None, None, "2026-12-24"),
        ("2026-12-26T23:59", "12:00", None, "2026-12-29"),
        ("2026-12-23T09:00", "12:00", "2026-12-25", "2026-12-28"),
        ("2026-12-23T09:00", "12:00", "2027-01-06", "2027-01-06"),
        ("2026-12-23T09:00", "12:00", "2027-01-07", None),
        ("2026-12-23T09:00", "12:00", "2026-12-23", None),
        ("2026-12-23T12:00", "12:00", "2026-12-24", None),
        ("2026-12-19T12:00", None, "2027-01-02", None),
    ],
)
def test_the_day_of_direct_debits(local: str, cutoff: str | None, wanted: str | None, expected: str | None) -> None:
    asked = date.fromisoformat(wanted) if wanted else None
    at, settings = datetime.fromisoformat(local), CollectionSettings(cutoff=cutoff)
    if expected is None:
        with pytest.raises(DateNotAllowed):
            collection_day(asked, settings, at)
    else:
        assert collection_day(asked, settings, at) == date.fromisoformat(expected)


@given(st.datetimes(timezones=st.just(UTC)), st.none() | st.integers(-3, 20))
def test_a_day_is_on_a_target_day_within_14_days(local: datetime, ahead: int | None) -> None:
    local = local.replace(year=1999 + local.year % 90, day=min(local.day, 28))
    asked = None if ahead is None else local.date() + timedelta(days=ahead)
    try:
        found = collection_day(asked, CollectionSettings(cutoff="12:00"), local)
    except DateNotAllowed:
        assert asked is not None
        return
    assert is_target_day(found)
    assert local.date() < found <= local.date() + timedelta(days=14)
    assert asked is None or found >= asked
