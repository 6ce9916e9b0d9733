"""Random runs of direct debits, from invoices and mandates to the files of the bank."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from invoicing.collection.alphabet import written
from invoicing.collection.model import AmendedMandate, PaymentMethod, SepaMandate
from invoicing.collection.ready import FARTHEST, collection_day
from invoicing.collection.target_days import is_target_day, target_days_after
from invoicing.core.errors import DateNotAllowed
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.core.model import days_after
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.direct_debit import DebitNotice, FailedDebit, InvoiceCollection
from invoicing.sepa_files import selecting
from invoicing.sepa_files.model import FileOriginator, SepaDocument, SepaFile
from invoicing.sepa_files.selecting import DebitExaminer
from invoicing.sepa_files.writing import BankMessage, content_of
from invoicing.store.keys import Item, Key
from invoicing.tenants.banking import CollectionSettings
from invoicing.tenants.model import Tenant
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import claim_key
from tests.builders import tenant
from tests.collection import CREDITOR_ID, IBAN, OTHER_IBAN
from tests.unit.test_ready_to_collect import invoice
from tests.unit.test_sepa_files import any_text, schema, values

IBANS = (IBAN, OTHER_IBAN, "AT611904300234573201", "NL91ABNA0417164300", "MT84MALT011000012345MTLCAST001S")
OTHER_CREDITOR_ID = "AT61ZZZ01234567890"


class World:
    """A tenant with customers, mandates and invoices at a moment, all of them random."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.at = datetime(2026, 11, 20, 6, tzinfo=UTC) + timedelta(minutes=chance.randrange(200 * 24 * 60))
        settings = CollectionSettings(
            prenotification_days=chance.randint(1, 14),
            cutoff=chance.choice([None, "00:00", "12:00", "16:30"]),
            first_as_frst=chance.random() < 0.5,
            one_batch_per_file=chance.random() < 0.3,
            alphabet=chance.choice(["basic", "german"]),
            retry_returned=chance.random() < 0.5,
        )
        self.tenant: Tenant = tenant(name=f"A{any_text(chance)}", creditor_id=CREDITOR_ID, collection=settings)
        self.moment = Moment(Caller.system(self.tenant.id), self.at, None)
        self.customers = [new_id("cus", self.at) for _ in range(chance.randint(1, 5))]
        self.methods = [self._method(number) for number in range(chance.randint(1, 9))]
        self.invoices = [self._invoice() for _ in range(chance.randint(1, 20))]
        self.claimed = {one.id for one in self.invoices if chance.random() < 0.1}
        self.in_use = {one.id for one in self.methods if chance.random() < 0.1}

    def _day(self, first: int, last: int) -> date:
        return days_after(self.at.date(), self.chance.randint(first, last))

    def _method(self, number: int) -> PaymentMethod:
        chance = self.chance
        last = self._day(-1200, -1) if chance.random() < 0.5 else None
        changed = AmendedMandate(original_iban=IBAN) if last and chance.random() < 0.3 else None
        mandate = SepaMandate(
            reference=f"M-{number}/{chance.randrange(10**6)}",
            scheme=chance.choice(["core", "core", "b2b"]),
            type="one_off" if last is None and chance.random() < 0.4 else "recurrent",
            signed_on=self._day(-900, -1),
            creditor_id=chance.choice([None, CREDITOR_ID, OTHER_CREDITOR_ID]),
            last_collected_on=last,
            amendment=changed,
        )
        return PaymentMethod(
            id=new_id("pme", self.at),
            customer_id=chance.choice(self.customers),
            default=chance.random() < 0.5,
            status=chance.choice(["active", "active", "active", "active", "blocked", "revoked"]),
            iban=chance.choice(IBANS),
            bic=chance.choice([None, "BNPAFRPPXXX"]),
            holder=f"{any_text(chance)}A",
            mandate=mandate,
            **self.moment.created,
        )

    def _invoice(self) -> InvoiceSummary:
        chance = self.chance
        method = chance.choice(self.methods)
        due = Decimal(chance.choice([0, 1, 11900, chance.randrange(1, 10**8)])).scaleb(-2)
        announced = self.at - timedelta(days=chance.choice([1, 12, 13, 20, 25]))
        notice = DebitNotice(
            mandate_reference=method.mandate.reference,
            creditor_id=CREDITOR_ID,
            amount=due,
            collected_on=self._day(-10, 4),
            announced_at=chance.choice([None, announced]),
            lost=chance.random() < 0.05,
        )
        failed = FailedDebit(
            mandate_reference=method.mandate.reference, code=chance.choice(["AM04", "AC04"]), on=self._day(-20, -1)
        )
        about = InvoiceCollection(
            mandate_reference=method.mandate.reference if chance.random() < 0.6 else None,
            notice=notice if chance.random() < 0.95 else None,
            failed=failed if chance.random() < 0.1 else None,
        )
        return invoice(
            id=new_id("inv", self.at),
            number=f"A{any_text(chance)}" if chance.random() < 0.1 else f"INV-{chance.randrange(10**6)}",
            customer_id=method.customer_id,
            status=chance.choice([Status.OPEN] * 9 + [Status.PAID]),
            due=due,
            currency=chance.choice(["EUR"] * 9 + ["CHF"]),
            due_date=self._day(-30, 3),
            sent_at=chance.choice([None, announced]),
            collection=about,
        )

    def day(self) -> date | None:
        """The day of a run, on a wanted day or the earliest one."""
        local = self.at.astimezone(ZoneInfo(self.tenant.time_zone))
        wanted = self._day(-1, 16) if self.chance.random() < 0.5 else None
        try:
            return collection_day(wanted, self.tenant.collection, local)
        except DateNotAllowed:
            assert wanted is not None
            return None

    def debits(self, file: SepaFile, patch: pytest.MonkeyPatch) -> list[Transaction]:
        """The debits of the invoices that are ready. The claims and uses are those of this world."""
        tenant_id = self.tenant.id
        claims: dict[Key, Item] = {claim_key(tenant_id, id_): {} for id_ in self.claimed}
        patch.setattr(selecting, "items_at", lambda keys: {key: claims[key] for key in keys if key in claims})
        patch.setattr(selecting, "has_debits", lambda _store, _customer, id_: id_ in self.in_use)
        of = {id_: tuple(one for one in self.methods if one.customer_id == id_) for id_ in self.customers}
        store: Any = SimpleNamespace(tenant_id=tenant_id, all=lambda _, customer_id: of[customer_id])
        found = DebitExaminer(store, self.tenant, file).examined(self.invoices)
        return [one.transaction(new_id("txn", self.at), file, self.moment) for one in found if one.is_ready]

    def file(self, due_on: date) -> SepaFile:
        """A file without any debits yet."""
        [account] = self.tenant.bank_accounts
        settings = self.tenant.collection
        id_ = new_id("spf", self.at)
        return SepaFile(
            id=id_,
            type="debit",
            format="pain.008.001.08",
            message_id=f"{id_.removeprefix('spf_')}-1",
            bank_account_id=account.id,
            originator=FileOriginator(
                name=self.tenant.name,
                holder=self.tenant.name,
                iban=account.iban or "",
                bic=account.bic,
                creditor_id=CREDITOR_ID,
                alphabet=settings.alphabet,
                one_batch_per_file=settings.one_batch_per_file,
            ),
            due_on=due_on,
            settles_on=target_days_after(due_on, 5),
            **self.moment.created,
        )


def written_file(
    file: SepaFile, debits: Sequence[Transaction], moment: Moment
) -> tuple[SepaFile, Sequence[BankMessage]]:
    """The complete file with its messages."""
    payments, messages = content_of(file, debits)
    documents = [
        SepaDocument(
            id=new_id("file", moment.at),
            message_id=one.message_id,
            sha256=sha256(one.content).hexdigest(),
            size=len(one.content),
        )
        for one in messages
    ]
    return file.written(payments, documents, moment), messages


def require_messages(file: SepaFile, debits: Iterable[Transaction], contents: Sequence[bytes]) -> None:
    """The messages pass the schema, have each debit once, in a batch of its key, and the sums of the file."""
    by_id = {one.end_to_end_id: one for one in debits}
    roots = [etree.fromstring(content) for content in contents]
    found: list[str] = []
    keys: list[tuple[str, ...]] = []
    totals = Decimal()
    for root in roots:
        schema(file.format).assertValid(root)
        batches = root.findall(".//{*}PmtInf")
        assert len(batches) == 1 or not file.originator.one_batch_per_file
        sums = [_batch(one, by_id, found, keys) for one in batches]
        header = (root.findtext(".//{*}GrpHdr/{*}NbOfTxs"), root.findtext(".//{*}GrpHdr/{*}CtrlSum"))
        assert header == (f"{sum(count for count, _ in sums)}", f"{sum(total for _, total in sums)}")
        totals += sum(total for _, total in sums)
    assert sorted(found) == sorted(by_id)
    assert len(set(keys)) == len(keys)
    assert (file.count, file.total) == (len(found), totals)
    assert Counter((one.scheme, one.sequence, one.count, one.total) for one in file.batches) == Counter(
        (scheme, sequence, len(some), sum((one.amount for one in some), Decimal()))
        for (scheme, sequence), some in _grouped(by_id.values()).items()
    )


def _batch(
    batch: Any, by_id: dict[str, Transaction], found: list[str], keys: list[tuple[str, ...]]
) -> tuple[int, Decimal]:
    """Check a batch; its count and sum. Adds its debits and its key."""
    paths = ("CdtrAcct/{*}Id/{*}IBAN", "PmtTpInf/{*}LclInstrm/{*}Cd", "PmtTpInf/{*}SeqTp", "ReqdColltnDt")
    _, scheme, sequence, day = key = tuple(str(batch.findtext(f"{{*}}{path}")) for path in paths)
    keys.append(key)
    assert is_target_day(date.fromisoformat(day))
    amounts = []
    for one in batch.iterfind("{*}DrctDbtTxInf"):
        found.append(str(one.findtext("{*}PmtId/{*}EndToEndId")))
        debit = by_id[found[-1]]
        assert debit.mandate is not None
        assert (debit.mandate.scheme.upper(), debit.mandate.sequence, f"{debit.due_on}") == (scheme, sequence, day)
        assert one.findtext(".//{*}MndtId") == debit.mandate.reference
        amounts.append(Decimal(str(one.findtext("{*}InstdAmt"))))
        assert amounts[-1] == debit.amount
    assert (batch.findtext("{*}NbOfTxs"), batch.findtext("{*}CtrlSum")) == (f"{len(amounts)}", f"{sum(amounts)}")
    return len(amounts), sum(amounts, Decimal())


def _grouped(debits: Iterable[Transaction]) -> dict[tuple[str, str], list[Transaction]]:
    found: dict[tuple[str, str], list[Transaction]] = {}
    for one in debits:
        assert one.mandate is not None
        found.setdefault((one.mandate.scheme, one.mandate.sequence), []).append(one)
    return found


def require_ready(world: World, file: SepaFile, debits: Sequence[Transaction]) -> None:
    """Each invoice is collected once, and was due, open and announced; a one-off mandate is used once."""
    invoices = {one.id: one for one in world.invoices}
    methods = {one.id: one for one in world.methods}
    today = world.at.astimezone(ZoneInfo(world.tenant.time_zone)).date()
    assert today < file.due_on <= days_after(today, FARTHEST)
    assert len({one.invoice_id for one in debits}) == len(debits)
    used: Counter[str] = Counter()
    for one in debits:
        invoice_, method = invoices[one.invoice_id], methods[one.payment_method_id or ""]
        notice = invoice_.collection.notice if invoice_.collection else None
        assert one.amount == invoice_.due > 0
        assert (invoice_.status, invoice_.currency, invoice_.id in world.claimed) == (Status.OPEN, "EUR", False)
        assert invoice_.due_date is not None
        assert invoice_.due_date <= file.due_on
        assert method.status == "active"
        assert method.customer_id == invoice_.customer_id
        assert notice is not None
        known = notice.announced_at or invoice_.sent_at
        assert known is not None
        assert known.astimezone(ZoneInfo(world.tenant.time_zone)).date() <= days_after(
            file.due_on, -world.tenant.collection.prenotification_days
        )
        used[method.id] += 1
        if method.mandate.type == "one_off":
            assert (used[method.id], method.id in world.in_use) == (1, False)
            assert one.mandate is not None
            assert one.mandate.sequence == "OOFF"


@pytest.mark.parametrize("runs", [60, pytest.param(1_000, marks=pytest.mark.slow)])
def test_random_runs_write_the_ready_invoices(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No message has an id of another one, also after some debits were canceled and the rest was written again."""
    chance = random.Random(runs)
    ids: Counter[str] = Counter()
    batches: Counter[tuple[str | None, str | None]] = Counter()
    done = 0
    while done < runs:
        world = World(chance)
        day = world.day()
        if day is None:
            continue
        file = world.file(day)
        debits = world.debits(file, monkeypatch)
        require_ready(world, file, debits)
        done += bool(debits)
        file = file.with_more(debits, world.moment)
        while debits:
            file, messages = written_file(file, debits, world.moment)
            contents = [one.content for one in messages]
            batches.update((one.scheme, one.sequence) for one in file.batches)
            require_messages(file, debits, contents)
            assert [values(one, "MsgId") for one in contents] == [[one.message_id] for one in messages]
            names = {written(file.originator.name, 70, file.originator.alphabet)}
            assert {values(one, "Nm")[0] for one in contents} == names
            ids.update(one for content in contents for name in ("MsgId", "PmtInfId") for one in values(content, name))
            chance.shuffle(debits)
            assert [one.content for one in content_of(file, debits).messages] == contents
            leaving = debits[: chance.randint(1, len(debits))]
            file, debits = file.with_fewer(leaving, world.moment), debits[len(leaving) :]
    assert set(ids.values()) == {1}
    assert len(batches) == 6 or runs < 1_000
    assert batches.total() > runs
