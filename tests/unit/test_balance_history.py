"""Balances at a past moment, from changes in any order and delivered more than once."""

from datetime import timedelta
from decimal import Decimal
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from invoicing.reports.balance import Balance, BalanceChange, as_of
from tests.builders import NOON

AMOUNTS = st.integers(0, 3).map(lambda units: Balance(due=Decimal(units)))
LIFE = st.lists(st.tuples(st.integers(0, 2), AMOUNTS), min_size=1, max_size=8)
"""For each change of a document: the days since the one before, and the balance after it."""


def changes_of(name: str, life: list[tuple[int, Balance]]) -> list[BalanceChange]:
    days = accumulate(waited for waited, _ in life)
    before = [Balance(), *(balance for _, balance in life)]
    return [
        BalanceChange(
            id=f"{name}{number}", at=NOON + timedelta(days=day), revision=number, document_id=name, currency="EUR",
            before=before[number], after=after,
        )
        for number, (day, (_, after)) in enumerate(zip(days, life, strict=True))
    ]  # fmt: skip


@given(lives=st.lists(LIFE, max_size=5), day=st.integers(-1, 16), data=st.data())
def test_a_past_balance_is_the_one_after_the_last_change(
    lives: list[list[tuple[int, Balance]]], day: int, data: st.DataObject
) -> None:
    moment = NOON + timedelta(days=day)
    all_changes = [changes_of(f"inv_{number}", life) for number, life in enumerate(lives)]
    open_now = [changes[-1] for changes in all_changes if changes[-1].after.is_open]
    since = [one for changes in all_changes for one in changes if one.at >= moment]
    delivered = data.draw(st.permutations([*since, *since]))
    found = {one.document_id: one.after for one in as_of(open_now, delivered) if one.after.is_open}
    until = [[one for one in changes if one.at < moment] for changes in all_changes]
    assert found == {some[-1].document_id: some[-1].after for some in until if some and some[-1].after.is_open}
