"""Which entries of a statement are known: the union of multisets of each account and day.

Of *n* equal entries in a file and *m* stored ones, *n - m* are new. Entries are equal if their amount and currency are,
and of the texts those that both have: formats differ in the texts that they hold.
"""

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from invoicing.bank.entry import Entry

EntrySource = Literal["camt.052", "camt.053", "camt.054", "mt940", "mt942", "csv", "feed"]
"""Format that an entry came in."""
type _Pattern = tuple[bool, ...]
"""Which of the texts are known."""


class Texts(NamedTuple):
    """Digests of the texts by which equal amounts are distinguished. None is unknown, and equal to every other."""

    remittance: str | None = None
    iban: str | None = None
    end_to_end_id: str | None = None

    @classmethod
    def of(cls, entry: Entry, tenant_id: str) -> Self:
        """The texts of an entry, without spaces and case. Banks break lines at different places."""
        given = (entry.remittance, entry.counterparty.iban, entry.end_to_end_id)
        return cls(*(digest(tenant_id, text) if text else None for text in given))

    @property
    def known(self) -> tuple[bool, ...]:
        """Which texts there are."""
        return tuple(text is not None for text in self)

    def only(self, wanted: Iterable[bool]) -> "Texts":
        """Some of the texts."""
        return Texts(*(text if too else None for text, too in zip(self, wanted, strict=True)))

    def or_else(self, other: "Texts") -> "Texts":
        """The texts, and those of another entry where they are unknown."""
        return Texts(*(mine or theirs for mine, theirs in zip(self, other, strict=True)))


def digest(tenant_id: str, text: str) -> str:
    """The SHA-256 of a tenant's text, by which it is found again."""
    return hashlib.sha256(f"{tenant_id}{''.join(text.split()).casefold()}".encode()).hexdigest()


def group_of(entry: Entry) -> str:
    """The signed amount and the currency: the entries of a day that can be the same."""
    return f"{format(entry.signed.normalize() + Decimal(), 'f')}#{entry.currency}"


@dataclass
class Claim:
    """A stored transaction of a day, as far as it decides about other entries."""

    group: str
    number: int
    """Its number among those of the day with the same amount, from 1 on."""
    transaction_id: str
    texts: Texts
    seen: tuple[str, ...]
    """The statements that contain it."""
    sources: tuple[EntrySource, ...]
    """The formats in which it came."""


class Known(NamedTuple):
    """An entry that is stored already."""

    entry: Entry
    claim: Claim


class New(NamedTuple):
    """An entry that is not stored yet."""

    entry: Entry
    group: str
    number: int
    texts: Texts
    suspect_of: str | None
    """The transaction that differs only in its text, because it came in another format."""


class _Group:
    """The stored transactions of an amount, as long as no entry of the statement took them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._left = {claim.number: claim for claim in claims}
        self._patterns = {claim.texts.known for claim in self._left.values()}
        self._indexes: dict[tuple[_Pattern, _Pattern], dict[Texts, list[int]]] = {}

    def take(self, texts: Texts, *, exactly: bool) -> Claim | None:
        """Take a transaction that has these texts: only them if `exactly`, else all those that both have."""
        known = texts.known
        wanted = self._patterns & {known} if exactly else self._patterns
        for pattern in sorted(wanted, key=lambda one: (-sum(_both(one, known)), one)):
            both = _both(pattern, known)
            numbers = self._index(pattern, both).get(texts.only(both), [])
            while numbers:
                claim = self._left.pop(numbers.pop(), None)
                if claim is not None:
                    return claim
        return None

    def of_others(self, source: EntrySource) -> "_Group":
        """The transactions that came in other formats only."""
        return _Group(claim for claim in self._left.values() if source not in claim.sources)

    def _index(self, pattern: _Pattern, both: _Pattern) -> dict[Texts, list[int]]:
        """The numbers of the transactions with a pattern of texts, by those of the texts that are compared."""
        found = self._indexes.get((pattern, both))
        if found is None:
            found = defaultdict(list)
            for number in sorted(self._left, reverse=True):
                texts = self._left[number].texts
                if texts.known == pattern:
                    found[texts.only(both)].append(number)
            self._indexes[pattern, both] = found
        return found


def _both(one: _Pattern, other: _Pattern) -> _Pattern:
    return tuple(first and second for first, second in zip(one, other, strict=True))


def decided(
    entries: Sequence[Entry], claims: Iterable[Claim], *, own: Container[str], source: EntrySource, tenant_id: str
) -> list[Known | New]:
    """The entries of one day in order, each as known or new; in linear time.

    `own`: the statement, and those that it follows or that follow it. They share nothing, so a transaction of one is
    another one in the next.
    """
    highest: dict[str, int] = defaultdict(int)
    free: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        highest[claim.group] = max(highest[claim.group], claim.number)
        if not any(one in own for one in claim.seen):
            free[claim.group].append(claim)
    groups = {name: _Group(some) for name, some in free.items()}
    asked = [(group_of(entry), Texts.of(entry, tenant_id)) for entry in entries]
    known: list[Claim | None] = [None] * len(entries)
    for exactly in (True, False):
        for place, (name, texts) in enumerate(asked):
            if known[place] is None and name in groups:
                known[place] = groups[name].take(texts, exactly=exactly)
    others = {name: group.of_others(source) for name, group in groups.items()}
    results: list[Known | New] = []
    for entry, (name, texts), found in zip(entries, asked, known, strict=True):
        if found is not None:
            results.append(Known(entry, found))
            continue
        highest[name] += 1
        alike = others[name].take(texts._replace(remittance=None), exactly=False) if name in others else None
        results.append(New(entry, name, highest[name], texts, alike.transaction_id if alike else None))
    return results
