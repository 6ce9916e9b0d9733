"""Each entry becomes a transaction once, by whichever formats, statements and orders it comes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, groupby, permutations
from random import Random

import pytest

from invoicing.bank.chain import Link, connected
from invoicing.bank.entry import Entry, FoundEntry
from invoicing.bank.once import Claim, EntrySource, New, decided
from invoicing.bank.reading.file import read_file
from invoicing.bank.reading.statement import FoundStatement
from invoicing.bank.requests import FeedTransaction
from invoicing.tenants.csv_profile import CsvProfile
from tests.bank import PAYERS, PROFILE, Month, Movement, batch_of, camt_of, csv_of, feed, mt940_of

FIRST = date(2026, 3, 1)
type Booked = tuple[date, Decimal, str | None]
"""The day, the amount and the other party of a transaction."""
FORMATS = ("camt.053", "mt940", "csv", "feed")


class Books:
    """The stored transactions of an account, as the import and the feed leave them."""

    def __init__(self) -> None:
        self._claims: dict[date, list[Claim]] = defaultdict(list)
        self._links: list[Link] = []
        self._external: set[str] = set()
        self._statements = 0
        self.entries: dict[str, Entry] = {}
        self.suspects: dict[str, str] = {}

    def take(self, month: Month, source: str) -> None:
        """A statement of the month in a format, or its movements by the feed."""
        self._statements += 1
        statement_id = f"bst_{self._statements}"
        if source == "feed":
            self._feed(month)
            return
        content = {"camt.053": camt_of, "mt940": mt940_of, "csv": csv_of}[source](month)
        [found] = read_file(content, CsvProfile.model_validate(PROFILE)).statements
        own = {statement_id}
        if (link := link_of(statement_id, found)) is not None:
            own |= connected(link, self._links)
            self._links.append(link)
        self._store(found.entries, own, statement_id, found.format)

    def _feed(self, month: Month) -> None:
        sent = [FeedTransaction.model_validate_json(json.dumps(one)) for one in feed(month)["transactions"]]
        fresh = [one for one in sent if one.external_id not in self._external]
        self._external.update(one.external_id for one in fresh)
        self._store([one.entry for one in fresh], {"feed"}, "feed", "feed")

    def _store(self, entries: list[FoundEntry], own: set[str], by: str, source: EntrySource) -> None:
        for day, some in groupby(sorted(entries, key=lambda one: one.booked_on), lambda one: one.booked_on):
            claims = self._claims[day]
            for one in decided(list(some), list(claims), own=own, source=source, tenant_id="t"):
                if isinstance(one, New):
                    id_ = f"btx_{len(self.entries)}"
                    self.entries[id_] = one.entry
                    claims.append(one.claimed(id_, by, source))
                    if one.suspect_of:
                        self.suspects[id_] = one.suspect_of
                else:
                    id_ = one.claim.transaction_id
                    claims[claims.index(one.claim)] = one.claim.again(one.entry, by, source, "t")
                if one.whole is None:
                    continue
                after = one.whole.claimed(id_, by, source)
                if one.whole.claim is None:
                    claims.append(after)
                    continue
                claims[claims.index(one.whole.claim)] = after
                if one.whole.is_transaction:
                    self.suspects.setdefault(one.whole.claim.transaction_id, id_)

    def forget_kinds(self) -> None:
        """Leave the claims as earlier versions stored them."""
        for claims in self._claims.values():
            claims[:] = [replace(one, kinds={}) for one in claims]

    @property
    def counted(self) -> Counter[Booked]:
        """The transactions that are not suspect."""
        return Counter(booked(one) for id_, one in self.entries.items() if id_ not in self.suspects)

    @property
    def stored(self) -> Counter[Booked]:
        """All transactions."""
        return Counter(map(booked, self.entries.values()))


def booked(one: Entry) -> Booked:
    return one.booked_on, one.signed, one.counterparty.iban


def link_of(statement_id: str, found: FoundStatement) -> Link | None:
    if found.opening is None or found.closing is None or found.days is None:
        return None
    return Link(statement_id, *found.days, found.opening.amount, found.closing.amount, found.number, found.format)


def expected(month: Month) -> Counter[Booked]:
    parts = (one for movement in month.movements for one in movement.parts)
    return Counter((one.day, one.amount, one.iban) for one in parts)


FEW = (Decimal("-4.50"), Decimal(50), Decimal(100), Decimal(150), Decimal(119))


def random_movements(random: Random, amounts: Iterator[Decimal]) -> Month:
    """Payments, some less charges, batches, and twins of all of them."""
    ids = count()

    def payment(day: date) -> Movement:
        amount, iban, id_ = next(amounts), random.choice(PAYERS), next(ids)
        reference = f"E2E-{id_}" if random.random() < 0.5 else ""
        return Movement(day, amount, f"Rechnung {amount} {iban}", iban=iban, end_to_end_id=reference)

    made: list[Movement] = []
    while len(made) < 10:
        day = FIRST + timedelta(days=random.randrange(4))
        match random.choice(("payment", "payment", "batch", "charged", "twin")):
            case "batch":
                made.append(batch_of([payment(day) for _ in range(random.choice((2, 3)))]))
            case "charged":
                made.append(batch_of([payment(day)], charges=Decimal(20)))
            case "twin" if made:
                made.append(random.choice(made))
            case _:
                made.append(payment(day))
    return Month(sorted(made, key=lambda one: one.day))


def booked_in_disorder(random: Random, month: Month) -> Books:
    """The month whole, in parts that follow on each other, overlapping, by each format, and some of it twice."""
    cut = random.randrange(3, 8)
    parts = [month, month.part(0, cut, "1"), month.part(cut, 10, "2"), month.part(2, 9, "7")]
    sent = [(part, source) for part in parts for source in FORMATS[:3]]
    sent += [(month, "feed"), (month, "feed")]
    random.shuffle(sent)
    books = Books()
    for part, source in (*sent, *sent[:4]):
        books.take(part, source)
    return books


@pytest.mark.parametrize("seed", range(40))
def test_a_month_is_the_same_in_all_formats_and_orders(seed: int) -> None:
    """Oracle 33."""
    random = Random(seed)
    month = random_movements(random, (Decimal(100 + number) for number in count()))
    assert booked_in_disorder(random, month).counted == expected(month)


@pytest.mark.parametrize("seed", range(40))
def test_no_payment_is_left_out_or_counts_twice(seed: int) -> None:
    """Payments of one amount can be suspect of each other, but each is stored, and no batch counts beside them."""
    random = Random(seed)
    month = random_movements(random, (random.choice(FEW) for _ in count()))
    books = booked_in_disorder(random, month)
    assert expected(month) <= books.stored
    assert books.counted <= expected(month)


PAYMENTS = [Movement(FIRST, Decimal(amount), f"INV-{amount}", iban=PAYERS[0]) for amount in ("329.56", "100.00")]
BATCH = Month([batch_of(PAYMENTS)])


@pytest.mark.parametrize("sources", list(permutations(FORMATS)))
def test_details_of_a_batch_count_in_each_order(sources: tuple[str, ...]) -> None:
    books = Books()
    for source in (*sources, *sources):
        books.take(BATCH, source)
    assert books.counted == expected(BATCH)
    assert len(books.entries) == (2 if sources[0] == "camt.053" else 3)


def test_a_payment_of_the_amount_of_a_batch_is_kept() -> None:
    """It has a payer, so it is suspect at most."""
    books = Books()
    books.take(BATCH, "camt.053")
    books.take(Month([Movement(FIRST, Decimal("429.56"), "INV-9", iban=PAYERS[1], end_to_end_id="E-9")]), "csv")
    books.take(Month([Movement(FIRST, Decimal("429.56"), "INV-8", iban=PAYERS[2])], number="8"), "mt940")
    assert sorted(f"{one.signed}" for one in books.entries.values()) == ["100.00", "329.56", "429.56", "429.56"]
    assert books.suspects == {"btx_3": "btx_0"}


PAID = Decimal(119)
TEXT = Movement(FIRST, PAID, "INV-1", iban="")
REFERENCE = Movement(FIRST, PAID, "", iban="", end_to_end_id="E-2")
PAYER = Movement(FIRST, PAID, "", iban=PAYERS[0])
PAYER_AND_TEXT = PAYER._replace(text="INV-1")
PAYER_AND_REFERENCE = PAYER._replace(end_to_end_id="E-2")


def take_apart(books: Books, movements: Sequence[Movement], source: str) -> None:
    """A statement of each movement; none follows on another."""
    for number, one in enumerate(movements):
        books.take(Month([one], Decimal(100_000 * (number + 1)), str(number + 1)), source)


@pytest.mark.parametrize("source", ["camt.053", "mt940"])
@pytest.mark.parametrize("in_disorder", [False, True])
@pytest.mark.parametrize(
    ("movements", "suspects"),
    [
        ((TEXT, REFERENCE), {}),
        ((REFERENCE, TEXT), {}),
        ((PAYER_AND_TEXT, PAYER_AND_REFERENCE), {}),
        ((PAYER_AND_REFERENCE, PAYER_AND_TEXT), {}),
        ((PAYER_AND_TEXT, TEXT), {"btx_1": "btx_0"}),
        ((TEXT, PAYER_AND_TEXT), {"btx_1": "btx_0"}),
        ((PAYER, PAYER_AND_REFERENCE), {"btx_1": "btx_0"}),
        ((TEXT, TEXT._replace(text="INV-2")), {}),
    ],
)
def test_other_texts_in_the_same_format_are_another_payment(
    movements: tuple[Movement, ...], suspects: dict[str, str], source: str, *, in_disorder: bool
) -> None:
    """A bank writes the texts of an entry each time, so nothing is lost. With more or fewer texts it may be a copy."""
    books = Books()
    found = []
    for some in (movements, movements, movements[::-1] if in_disorder else movements):
        take_apart(books, some, source)
        found.append((len(books.entries), dict(books.suspects)))
        books.take(Month(some, Decimal(7), "9"), source)
        found.append((len(books.entries), dict(books.suspects)))
    assert found == [(2, suspects)] * 6


@pytest.mark.parametrize("movements", [(TEXT, REFERENCE), (REFERENCE, TEXT)])
def test_no_text_in_common_is_suspect_in_another_format(movements: tuple[Movement, ...]) -> None:
    first, second = movements
    books = Books()
    for source in ("camt.053", "mt940", "camt.053"):
        books.take(Month([first if source == "camt.053" else second], number=source[-1]), source)
    assert (len(books.entries), books.suspects) == (2, {"btx_1": "btx_0"})


def test_texts_that_another_format_added_do_not_count() -> None:
    books = Books()
    for source in ("camt.053", "feed", "mt940", "camt.053", "mt940"):
        movement = PAYER_AND_TEXT if source == "camt.053" else PAYER_AND_TEXT._replace(end_to_end_id="E-2")
        books.take(Month([movement]), source)
    assert (len(books.entries), books.suspects) == (1, {})


@pytest.mark.parametrize("second", [PAYER_AND_TEXT, PAYER, REFERENCE])
def test_new_columns_of_a_csv_profile_count_nothing_twice(second: Movement) -> None:
    """The columns are the tenant's choice."""
    books = Books()
    for movement in (TEXT, second, TEXT):
        books.take(Month([movement]), "csv")
    assert (len(books.entries), books.suspects) == (1, {})


def test_a_row_without_kinds_of_texts_is_known_as_before() -> None:
    """Versions before 2026-12 did not store them."""
    books = Books()
    take_apart(books, [PAYER_AND_TEXT], "camt.053")
    books.forget_kinds()
    take_apart(books, [PAYER, PAYER_AND_REFERENCE, PAYER_AND_TEXT], "camt.053")
    assert (len(books.entries), books.suspects) == (1, {})


def random_day(random: Random) -> list[Movement]:
    """Payments of one amount, each with some of the texts."""
    texts, payers, ids = ("", "INV-1", "INV-2"), ("", *PAYERS[:2]), ("", "E-1", "E-2")
    made = [(random.choice(texts), random.choice(payers), random.choice(ids)) for _ in range(random.randrange(2, 6))]
    return [Movement(FIRST, PAID, text, iban=iban, end_to_end_id=id_) for text, iban, id_ in made]


@pytest.mark.parametrize("seed", range(60))
def test_files_of_a_day_again_add_nothing(seed: int) -> None:
    random = Random(seed)
    books, files, day = Books(), [], random_day(random)
    for number in range(random.randrange(1, 5)):
        some = random.sample(day, random.randrange(1, len(day) + 1))
        files.append((Month(some, Decimal(100_000 * (number + 1)), str(number + 1)), random.choice(FORMATS[:3])))
        books.take(*files[-1])
    before = dict(books.entries)
    for month, source in random.sample(files, len(files)):
        books.take(month, source)
    assert books.entries == before


@pytest.mark.parametrize("seed", range(60))
def test_payments_apart_in_one_format_are_all_stored(seed: int) -> None:
    """Other formats between them add texts."""
    random = Random(seed)
    books, day = Books(), list(dict.fromkeys(random_day(random)))
    for number, one in enumerate(day, 1):
        books.take(Month([one], Decimal(100_000 * number), str(number)), "camt.053")
        other = one._replace(end_to_end_id=one.end_to_end_id or f"E-{number}", iban=one.iban or PAYERS[0])
        if random.random() < 0.6:
            books.take(Month([other], Decimal(100_000 * number), str(number)), "mt940")
    assert len(books.entries) >= len(day)


@pytest.mark.parametrize("seed", range(60))
def test_whole_days_in_all_formats_count_once(seed: int) -> None:
    random = Random(seed)
    books, day = Books(), random_day(random)
    for number in range(4):
        some = random.sample(day, len(day))
        books.take(Month(some, Decimal(100_000 * number), str(number + 1)), random.choice(FORMATS[:3]))
    assert sum(books.counted.values()) <= len(day) <= len(books.entries)


def test_a_payment_beside_a_batch_of_its_format_is_kept() -> None:
    """The format has the details, so the payment is no batch; it may be a copy, because it has no payer."""
    batch = batch_of([Movement(FIRST, Decimal(50), f"INV-{number}", iban=PAYERS[0]) for number in (1, 2)])
    alone, paid = (Movement(FIRST, Decimal(100), "INV-9", iban=iban) for iban in ("", PAYERS[1]))
    books = Books()
    take_apart(books, [batch, alone, paid, batch, alone, paid], "camt.053")
    assert sorted(f"{one.signed}" for one in books.entries.values()) == ["100.00", "100.00", "50.00", "50.00"]


def test_an_overlap_that_adds_up_to_nothing_is_known() -> None:
    """Its balances are those of a statement that follows, and its days are not."""
    paid, returned = Movement(FIRST, Decimal(119), "INV-1"), Movement(FIRST + timedelta(1), Decimal(-119), "INV-1")
    later = Movement(FIRST + timedelta(2), Decimal(50), "INV-2")
    month = Month([Movement(FIRST, Decimal(7), "INV-0"), paid, returned, later])
    books = Books()
    books.take(month.part(0, 3, "1"), "camt.053")
    books.take(month.part(1, 4, "2"), "camt.053")
    assert books.stored == expected(month)
