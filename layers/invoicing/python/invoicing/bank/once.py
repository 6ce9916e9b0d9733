"""Which entries of a statement are known: the union of multisets of each account and day.

Of *n* equal entries in a file and *m* stored ones, *n - m* are new. Entries of two formats are equal if their amounts,
their currencies and those texts are equal that both have, and if they have a kind of text in common. A format has the
same texts of an entry each time, so entries of one format are equal only if all their texts are. Only CSV files can
have other columns than before.

Some formats have a batch whole, others its details. Its details are the transactions, because only they have payers.
So a whole entry is known once its details are; one that came before them cannot be taken back, because its event was
published, and becomes `suspect_of` the first of them. In each order, the same transactions of a batch are not suspect.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, NamedTuple, Self

from invoicing.bank.entry import Entry, FoundEntry

EntrySource = Literal["camt.052", "camt.053", "camt.054", "mt940", "mt942", "csv", "pain.002", "feed"]
"""Format of a statement. Only pain.002 has no entries: it reports payments that were not executed."""
type Kinds = frozenset[str]
"""The names of the texts that an entry has."""
type KindsIn = dict[EntrySource, Kinds | None]
"""The names of the texts that an entry has in each format; None if the format has its details."""


class Texts(NamedTuple):
    """Digests of the texts by which equal amounts are distinguished."""

    remittance: str | None = None
    iban: str | None = None
    end_to_end_id: str | None = None

    @classmethod
    def of(cls, entry: Entry, tenant_id: str) -> Self:
        """The texts of an entry, without spaces and case. Banks break lines at different places."""
        given = (entry.remittance, entry.counterparty.iban, entry.end_to_end_id)
        return cls(*(digest(tenant_id, text) if text else None for text in given))

    @property
    def kinds(self) -> Kinds:
        """The kinds of texts that there are."""
        return frozenset(name for name, text in zip(self._fields, self, strict=True) if text is not None)

    def only(self, wanted: Kinds) -> "Texts":
        """The texts of some kinds."""
        return Texts(*(text if name in wanted else None for name, text in zip(self._fields, self, strict=True)))

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
    kinds: KindsIn = field(default_factory=dict)
    """The kinds of texts that it has in each format; None if the format has its details. Of other formats, nothing is
    known: CSV, those that have a batch whole, and all in rows of versions before 2026-12."""

    @property
    def is_batch(self) -> bool:
        """Whether several details replace it. Then the texts of a whole entry are not those of its transaction."""
        return self.details > 1

    @property
    def is_textless_batch(self) -> bool:
        """Whether nothing but its amount is known of the whole entry."""
        return self.is_batch and not any(self.texts)

    def is_batch_of(self, kinds: Kinds, source: EntrySource) -> bool:
        """Whether an entry in a format can be the batch, by its amount alone."""
        if source in self.kinds:
            return self.is_textless_batch and self.kinds[source] == kinds
        return self.is_batch

    def again(self, entry: Entry, statement_id: str, source: EntrySource, tenant_id: str) -> "Claim":
        """The claim after another statement that contains it, with the texts that it adds."""
        if self.is_batch:
            return self._seen(statement_id, source, {})
        given = Texts.of(entry, tenant_id)
        return replace(
            self._seen(statement_id, source, _kinds_in(source, given.kinds)), texts=self.texts.or_else(given)
        )

    def replaced(self, details: int, statement_id: str, source: EntrySource) -> "Claim":
        """The claim of a whole entry after a statement with its details: its own transaction is suspect."""
        after = self._seen(statement_id, source, _kinds_in(source, None))
        return replace(after, details=details, suspect=not self.details or self.suspect)

    def _seen(self, statement_id: str, source: EntrySource, kinds: KindsIn) -> "Claim":
        """The claim after another statement, with the kinds of texts in its format if the format is new."""
        seen = (*self.seen, statement_id)
        if source in self.sources:
            return replace(self, seen=seen)
        return replace(self, seen=seen, sources=(*self.sources, source), kinds=self.kinds | kinds)


def _kinds_in(source: EntrySource, kinds: Kinds | None) -> KindsIn:
    """The kinds of texts in a format. Those of a CSV file mean nothing for the next: the tenant chooses its columns."""
    return {} if source == "csv" else {source: kinds}


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
        kinds = _kinds_in(source, None)
        return Claim(
            self.group, self.number, first_id, self.texts, (statement_id,), (source,), self.details, kinds=kinds
        )


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
    """The transaction that may be the same: it came in another format and differs only in its text, it came in the same
    format with more or fewer texts, or it is the first detail of this one."""
    whole: Whole | None = None
    """The entry that it replaces as the first detail."""

    def claimed(self, transaction_id: str, statement_id: str, source: EntrySource) -> Claim:
        """The claim by which it is known from now on."""
        suspect, kinds = self.suspect_of is not None, _kinds_in(source, self.texts.kinds)
        about = (self.group, self.number, transaction_id, self.texts, (statement_id,), (source,))
        return Claim(*about, suspect=suspect, kinds=kinds)


type _Rule = Callable[[Claim, Kinds], bool]
"""Whether an entry with these kinds of texts can be a stored transaction, if the texts that both have are equal."""


class _Group:
    """The stored transactions of an amount, as long as no entry of the statement took them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._left = {claim.number: claim for claim in claims}
        self._stored = {claim.texts.kinds for claim in self._left.values() if not claim.is_textless_batch}
        self._orders: dict[Kinds, list[Kinds]] = {}
        self._indexes: dict[tuple[_Rule, Kinds, Kinds], dict[Texts, list[int]]] = {}
        self._batches: dict[Kinds | None, list[int]] = {}

    def take(self, texts: Texts, rule: _Rule) -> Claim | None:
        """Take a transaction that the rule allows, and whose texts are equal to these, of those that both have."""
        kinds = texts.kinds
        for stored in self._order(kinds):
            found = self._next(self._index(rule, stored, kinds).get(texts.only(stored), []))
            if found is not None:
                return found
        return None

    def take_batch(self, kinds: Kinds, source: EntrySource) -> Claim | None:
        """Take a transaction whose details are stored."""
        if kinds not in self._batches:
            self._batches[kinds] = _by_preference(one for one in self._left.values() if one.is_batch_of(kinds, source))
        return self._next(self._batches[kinds])

    def take_whole(self) -> Claim | None:
        """Take a transaction that can be a batch: one whose details are stored, else one without an ordering party."""
        if None not in self._batches:
            able = (one for one in self._left.values() if one.texts.end_to_end_id is None or one.is_batch)
            self._batches[None] = _by_preference(able)
        return self._next(self._batches[None])

    def alike(self, source: EntrySource) -> "_Candidates":
        """The transactions of which a new one can be suspect."""
        able = [claim for claim in self._left.values() if not claim.suspect or claim.is_batch]
        others = [claim for claim in able if source not in claim.sources]
        same = [claim for claim in able if source in claim.sources]
        return _Candidates(_Group(others), _Group(same), _Rules(source))

    def _next(self, numbers: list[int]) -> Claim | None:
        while numbers:
            claim = self._left.pop(numbers.pop(), None)
            if claim is not None:
                return claim
        return None

    def _order(self, kinds: Kinds) -> list[Kinds]:
        """The kinds of texts of transactions; first those that have the most in common with these."""
        if kinds not in self._orders:
            self._orders[kinds] = sorted(self._stored, key=lambda one: (-len(one & kinds), sorted(one)))
        return self._orders[kinds]

    def _index(self, rule: _Rule, stored: Kinds, kinds: Kinds) -> dict[Texts, list[int]]:
        """The numbers of the transactions that a rule allows, by the texts that are compared."""
        found = self._indexes.get((rule, stored, kinds))
        if found is None:
            found = defaultdict(list)
            for number in sorted(self._left, reverse=True):
                claim = self._left[number]
                if claim.texts.kinds == stored and not claim.is_textless_batch and rule(claim, kinds):
                    found[claim.texts.only(kinds)].append(number)
            self._indexes[rule, stored, kinds] = found
        return found


def _by_preference(able: Iterable[Claim]) -> list[int]:
    """The numbers of transactions that can be a batch, the best last."""
    best = sorted(able, key=lambda one: (one.is_batch, not one.suspect, one.texts.iban is None, -one.number))
    return [one.number for one in best]


class _Candidates(NamedTuple):
    """The stored transactions of an amount of which a new one can be suspect."""

    others: _Group
    """Those that came in other formats only."""
    same: _Group
    """Those that came in the same format."""
    rules: "_Rules"
    """Those of the format of the new one."""

    def take(self, texts: Texts) -> Claim | None:
        """Take one that differs in its text only, or whose details are stored, or that has more or fewer texts."""
        found = self.others.take(texts._replace(remittance=None), self.rules.other_text)
        if found is None and texts.end_to_end_id is None:
            found = self.others.take_batch(texts.kinds, self.rules.source)
        return self.same.take(texts, _has_more_or_fewer) if found is None else found


def _exactly(claim: Claim, kinds: Kinds) -> bool:
    """Whether both have the same kinds of texts."""
    return claim.texts.kinds == kinds


def _has_more_or_fewer(claim: Claim, kinds: Kinds) -> bool:
    """Whether one has all kinds of texts of the other."""
    stored = claim.texts.kinds
    return stored <= kinds or kinds <= stored


class _Rules:
    """The rules for entries of a format."""

    def __init__(self, source: EntrySource) -> None:
        self.source = source

    def same_kinds(self, claim: Claim, kinds: Kinds) -> bool:
        """Whether a transaction has the same kinds of texts in this format, or in those in which it came."""
        return claim.kinds.get(self.source, claim.texts.kinds) == kinds

    def known(self, claim: Claim, kinds: Kinds) -> bool:
        """Whether an entry can be a transaction."""
        if self.source in claim.kinds:
            return claim.kinds[self.source] == kinds
        # The texts of details are not those of the whole entry.
        if self.source in claim.sources or claim.details:
            return True
        stored = claim.texts.kinds
        return not stored or not kinds or not stored.isdisjoint(kinds)

    def other_text(self, claim: Claim, kinds: Kinds) -> bool:  # noqa: ARG002 -- one of several rules
        """Whether a transaction can be an entry with another remittance text."""
        return self.source not in claim.sources or claim.texts.end_to_end_id is None


def decided(
    entries: Sequence[FoundEntry], claims: Iterable[Claim], *, own: Container[str], source: EntrySource, tenant_id: str
) -> list[Known | New]:
    """The entries of one day in order, each as known or new; in linear time.

    `own`: the statement, and those that it follows or that follow it. They share nothing, so a transaction of one is
    another one in the next.
    """
    day = _Day(claims, own, source)
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

    def __init__(self, claims: Iterable[Claim], own: Container[str], source: EntrySource) -> None:
        self._rules = _Rules(source)
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
        same_kinds, is_known = self._rules.same_kinds, self._rules.known
        # Entries with few texts are equal to more transactions: they take those that others leave.
        places = sorted(range(len(asked)), key=lambda place: -len(asked[place][1].kinds))
        for step in (1, 2, 3):
            for place in places:
                name, texts = asked[place]
                if found[place] is not None or name not in self.groups:
                    continue
                if step < 3:
                    found[place] = self.groups[name].take(texts, same_kinds if step == 1 else is_known)
                elif texts.iban is None and texts.end_to_end_id is None:
                    found[place] = self.groups[name].take_batch(texts.kinds, self._rules.source)
        return found

    def whole(self, entry: FoundEntry, texts: Texts) -> Whole | None:
        """The entry that a first detail replaces. Other formats give that of a single detail the same texts."""
        if entry.batch is None:
            return None
        name, details = _group(entry.batch.signed, entry.currency), entry.batch.details
        group, known, other_text = self.groups.get(name), self._rules.known, self._rules.other_text
        if details > 1:
            claim, texts = group.take_whole() if group else None, Texts()
        else:
            without = texts._replace(remittance=None)
            tries = ((texts, _exactly), (texts, _has_more_or_fewer), (texts, known), (without, other_text))
            claim = next((one for some, rule in tries if group and (one := group.take(some, rule))), None)
        number = claim.number if claim else self.next_number(name)
        return Whole(name, number, texts, details, claim)
