"""Reminder fees are set off against the flat fee for late payment (Directive 2011/7/EU article 6, CJEU C-287/17)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.invoices.dunning import Charges, charged, flat_fee_of, total, waived

NOTHING = Decimal("0.00")
FLAT_FEE = Decimal("40.00")
AMOUNTS = st.decimals(0, 60, places=2)


def after(*fees: Decimal, flat_fee_at: int) -> Charges:
    charges: Charges = ()
    for level, fee in enumerate(fees, 1):
        charges = charged(charges, level, fee=fee, flat_fee=FLAT_FEE if level == flat_fee_at else NOTHING)
    return charges


def test_fees_of_5_and_10_leave_25_of_the_flat_fee() -> None:
    charges = after(Decimal("5.00"), Decimal("10.00"), flat_fee_at=2)
    assert [(one.kind, one.level, str(one.amount), one.set_off and str(one.set_off)) for one in charges] == [
        ("fee", 1, "5.00", None),
        ("fee", 2, "10.00", None),
        ("flat_fee", 2, "25.00", "15.00"),
    ]
    assert total(charges, NOTHING) == FLAT_FEE


def test_a_later_fee_is_set_off_too() -> None:
    charges = after(NOTHING, Decimal("10.00"), Decimal("45.00"), flat_fee_at=1)
    assert (flat_fee_of(charges, NOTHING), total(charges, NOTHING)) == (NOTHING, Decimal("55.00"))


def test_a_waived_fee_is_no_longer_set_off() -> None:
    charges = waived(after(NOTHING, Decimal("10.00"), flat_fee_at=1), 2)
    assert [(one.kind, str(one.amount)) for one in charges] == [("flat_fee", "40.00")]


def test_a_waived_level_waives_the_flat_fee_too() -> None:
    charges = waived(after(Decimal("5.00"), Decimal("10.00"), flat_fee_at=2), 2)
    assert [(one.kind, str(one.amount)) for one in charges] == [("fee", "5.00")]


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.data())
def test_a_company_never_owes_more_than_the_higher_of_both(fees: list[Decimal], data: st.DataObject) -> None:
    charges = after(*fees, flat_fee_at=data.draw(st.integers(1, len(fees))))
    assert total(charges, NOTHING) == max(FLAT_FEE, sum(fees))
    gone = data.draw(st.integers(1, len(fees)))
    left = waived(charges, gone)
    kept = sum(fee for level, fee in enumerate(fees, 1) if level != gone)
    assert total(left, NOTHING) == (max(FLAT_FEE, kept) if any(one.kind == "flat_fee" for one in left) else kept)
