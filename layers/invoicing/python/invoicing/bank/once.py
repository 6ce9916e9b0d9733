"""Which entries of a statement are known: the union of multisets of each account and day.

Of *n* equal entries in a file and *m* stored ones, *n - m* are new. Entries are equal if their amount and currency are,
and of the texts those that both have: formats differ in the texts that they hold. Entries with different kinds of texts
are not equal. One format has the same texts of an entry each time, so in it an absent text is a value like others.

Some formats have a batch whole, others its details. Its details are the transactions, because only they have payers.
So a whole entry is known once its details are; one that came before them cannot be taken back, because its event was
published, and becomes `suspect_of` the first of them. In each order the transactions that are not suspect are the same.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from invoicing.bank.entry import Entry, FoundEntry

EntrySource = Literal["camt.052", "camt.053", "camt.054", "mt940", "mt942", "csv", "pain.002", "feed"]
"""Format of a statement. Only pain.002 has no entries: it reports payments that were not executed."""
type _Pattern = tuple[bool, ...]
"""Which of the texts are known."""


class Texts(NamedTuple):
    """Digests of the texts by which equal amounts are distinguished. None is unknown."""

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
    return _group(entry.signed, entry.currency)


def _group(signed: Decimal, currency: str) -> str:
    return f"{format(signed.normalize() + Decimal(), 'f')}#{currency}"


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
    details: int = 0
    """The number of stored details that replace it. Its transaction is the first of them, unless it came before."""
    suspect: bool = False
    """Whether its transaction is suspect of another one."""

    @property
    def is_batch(self) -> bool:
        """Whether several details replace it. Then the texts of a whole entry are not those of its transaction."""
        return self.details > 1

    @property
    def is_textless_batch(self) -> bool:
        """Whether nothing but its amount is known of the whole entry."""
        return self.is_batch and not any(self.texts)

    def again(self, entry: Entry, statement_id: str, source: EntrySource, tenant_id: str) -> "Claim":
        """The claim after another statement that contains it, with the texts that it adds."""
        texts = self.texts if self.is_batch else self.texts.or_else(Texts.of(entry, tenant_id))
        return self._seen(statement_id, source, texts, self.details)

    def replaced(self, details: int, statement_id: str, source: EntrySource) -> "Claim":
        """The claim of a whole entry after a statement with its details: its own transaction is suspect."""
        return replace(self._seen(statement_id, source, self.texts, details), suspect=not self.details or self.suspect)

    def _seen(self, statement_id: str, source: EntrySource, texts: Texts, details: int) -> "Claim":
        sources = tuple(dict.fromkeys((*self.sources, source)))
        return replace(self, texts=texts, seen=(*self.seen, statement_id), sources=sources, details=details)


class Whole(NamedTuple):
    """An entry whose details a statement has."""

    group: str
    number: int
    texts: Texts
    details: int
    claim: Claim | None
    """The stored one, if it is known."""

    @property
    def is_transaction(self) -> bool:
        """Whether it is stored as a transaction of its own, and no details of it are stored."""
        return self.claim is not None and not self.claim.details

    def claimed(self, first_id: str, statement_id: str, source: EntrySource) -> Claim:
        """The claim by which it is known from now on; the first of its details is a transaction."""
        if self.claim is not None:
            return self.claim.replaced(self.details, statement_id, source)
        return Claim(self.group, self.number, first_id, self.texts, (statement_id,), (source,), self.details)


class Known(NamedTuple):
    """An entry that is stored already."""

    entry: Entry
    claim: Claim
    whole: Whole | None = None
    """The entry that it replaces as the first detail."""


class New(NamedTuple):
    """An entry that is not stored yet."""

    entry: Entry
    group: str
    number: int
    texts: Texts
    suspect_of: str | None
    """The transaction that differs only in its text because it came in another format, that came in the same format
    with more or fewer texts, or that is the first detail."""
    whole: Whole | None = None
    """The entry that it replaces as the first detail."""

    def claimed(self, transaction_id: str, statement_id: str, source: EntrySource) -> Claim:
        """The claim by which it is known from now on."""
        suspect = self.suspect_of is not None
        return Claim(self.group, self.number, transaction_id, self.texts, (statement_id,), (source,), suspect=suspect)


type _CanBe = Callable[[Claim, _Pattern], bool]
"""Whether an entry with such a pattern of texts can take a transaction, if the texts that both have are equal."""


class _Group:
    """The stored transactions of an amount, as long as no entry of the statement took them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._left = {claim.number: claim for claim in claims}
        self._patterns = {claim.texts.known for claim in self._left.values() if not claim.is_textless_batch}
        self._indexes: dict[tuple[_CanBe, _Pattern, _Pattern], dict[Texts, list[int]]] = {}
        self._of_batches: list[int] | None = None

    def take(self, texts: Texts, can_be: _CanBe) -> Claim | None:
        """Take a transaction that can be one with these texts, and has the same ones of those that both have."""
        known = texts.known
        for pattern in sorted(self._patterns, key=lambda one: (-sum(_both(one, known)), one)):
            numbers = self._index(can_be, pattern, known).get(texts.only(pattern), [])
            while numbers:
                claim = self._left.pop(numbers.pop(), None)
                if claim is not None:
                    return claim
        return None

    def take_batch(self) -> Claim | None:
        """Take a transaction whose details are stored."""
        found = self._next_of_batches()
        return self._left.pop(found) if found is not None and self._left[found].is_batch else None

    def take_whole(self) -> Claim | None:
        """Take a transaction that can be a batch: one whose details are stored, else one without an ordering party."""
        found = self._next_of_batches()
        return None if found is None else self._left.pop(found)

    def _next_of_batches(self) -> int | None:
        if self._of_batches is None:
            able = [one for one in self._left.values() if one.texts.end_to_end_id is None or one.is_batch]
            able.sort(key=lambda one: (one.is_batch, not one.suspect, one.texts.iban is None, -one.number))
            self._of_batches = [one.number for one in able]
        while self._of_batches and self._of_batches[-1] not in self._left:
            self._of_batches.pop()
        return self._of_batches[-1] if self._of_batches else None

    def alike(self, source: EntrySource) -> "_Alike":
        """The transactions of which another one can be suspect."""
        able = [claim for claim in self._left.values() if not claim.suspect or claim.is_batch]
        others, same = ([one for one in able if (source in one.sources) is is_same] for is_same in (False, True))
        return _Alike(_Group(others), _Group(same))

    def _index(self, can_be: _CanBe, pattern: _Pattern, known: _Pattern) -> dict[Texts, list[int]]:
        """The numbers of the transactions with a pattern of texts, by those of the texts that are compared."""
        found = self._indexes.get((can_be, pattern, known))
        if found is None:
            found = defaultdict(list)
            for number in sorted(self._left, reverse=True):
                claim = self._left[number]
                if claim.texts.known == pattern and not claim.is_textless_batch and can_be(claim, known):
                    found[claim.texts.only(known)].append(number)
            self._indexes[can_be, pattern, known] = found
        return found


class _Alike(NamedTuple):
    """The stored transactions of an amount of which a new one can be suspect."""

    others: _Group
    """Those that came in other formats only."""
    same: _Group
    """Those that came in the same format."""

    def take(self, texts: Texts) -> Claim | None:
        """Take one that differs in its text only, or whose details are stored, or that has more or fewer texts."""
        found = self.others.take(texts._replace(remittance=None), _always)
        if found is None and texts.end_to_end_id is None:
            found = self.others.take_batch()
        return found or self.same.take(texts, _has_more_or_fewer)


def _both(one: _Pattern, other: _Pattern) -> _Pattern:
    return tuple(first and second for first, second in zip(one, other, strict=True))


def _always(claim: Claim, known: _Pattern) -> bool:  # noqa: ARG001 -- one of several rules
    """Whatever other texts there are."""
    return True


def _exactly(claim: Claim, known: _Pattern) -> bool:
    """Whether both have the same texts."""
    return claim.texts.known == known


def _is_known_in(source: EntrySource) -> _CanBe:
    """Whether an entry in a format is a stored transaction."""

    def can_be(claim: Claim, known: _Pattern) -> bool:
        stored = claim.texts.known
        if claim.details:
            # The texts are those of the whole entry.
            return True
        if any(stored) and any(known) and not any(_both(stored, known)):
            return False
        # The columns of a CSV file are the tenant's choice, and can be others in the next file.
        if source not in claim.sources or source == "csv":
            return True
        # Other formats can have added texts.
        return known == stored or (len(claim.sources) > 1 and _both(stored, known) == known)

    return can_be


def _has_more_or_fewer(claim: Claim, known: _Pattern) -> bool:
    """Whether one has all texts of the other."""
    stored = claim.texts.known
    return not claim.details and _both(stored, known) in {stored, known}


def decided(
    entries: Sequence[FoundEntry], claims: Iterable[Claim], *, own: Container[str], source: EntrySource, tenant_id: str
) -> list[Known | New]:
    """The entries of one day in order, each as known or new; in linear time.

    `own`: the statement, and those that it follows or that follow it. They share nothing, so a transaction of one is
    another one in the next.
    """
    day = _Day(claims, own, _is_known_in(source))
    asked = [(group_of(entry), Texts.of(entry, tenant_id)) for entry in entries]
    known = day.known(asked)
    wholes = [day.whole(entry, texts) for entry, (_, texts) in zip(entries, asked, strict=True)]
    alike = {name: group.alike(source) for name, group in day.groups.items()}
    results: list[Known | New] = []
    for entry, (name, texts), found, whole in zip(entries, asked, known, wholes, strict=True):
        if found is not None:
            results.append(Known(entry, found, whole))
            continue
        other = alike[name].take(texts) if name in alike else None
        suspect_of = other.transaction_id if other else None
        results.append(New(entry, name, day.next_number(name), texts, suspect_of, whole))
    return results


class _Day:
    """The stored transactions of a day, by their amounts, as long as no entry of the statement took them."""

    def __init__(self, claims: Iterable[Claim], own: Container[str], is_known: _CanBe) -> None:
        self._is_known = is_known
        self._highest: dict[str, int] = defaultdict(int)
        free: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            self._highest[claim.group] = max(self._highest[claim.group], claim.number)
            if not any(one in own for one in claim.seen):
                free[claim.group].append(claim)
        self.groups = {name: _Group(some) for name, some in free.items()}

    def next_number(self, name: str) -> int:
        """The number of a new transaction among those with the same amount."""
        self._highest[name] += 1
        return self._highest[name]

    def known(self, asked: Sequence[tuple[str, Texts]]) -> list[Claim | None]:
        """The stored transaction of each entry: with exactly its texts, with those that both have, or by its details.

        Only an entry without an ordering party is known by its details: others have one payer.
        """
        found: list[Claim | None] = [None] * len(asked)
        for step in (1, 2, 3):
            for place, (name, texts) in enumerate(asked):
                if found[place] is not None or name not in self.groups:
                    continue
                if step < 3:
                    found[place] = self.groups[name].take(texts, _exactly if step == 1 else self._is_known)
                elif texts.iban is None and texts.end_to_end_id is None:
                    found[place] = self.groups[name].take_batch()
        return found

    def whole(self, entry: FoundEntry, texts: Texts) -> Whole | None:
        """The entry that a first detail replaces. Other formats give that of a single detail the same texts."""
        if entry.batch is None:
            return None
        name, details = _group(entry.batch.signed, entry.currency), entry.batch.details
        group = self.groups.get(name)
        if details > 1:
            claim, texts = group.take_whole() if group else None, Texts()
        else:
            tries = ((texts, _exactly), (texts, self._is_known), (texts._replace(remittance=None), _always))
            claim = next((one for some, can_be in tries if group and (one := group.take(some, can_be))), None)
        number = claim.number if claim else self.next_number(name)
        return Whole(name, number, texts, details, claim)
