"""Files of direct debits and credit transfers, checked by the XSDs of ISO 20022 and compared with another writer."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import sepaxml  # type: ignore[import-untyped]
from lxml import etree

from invoicing.collection.batching import (
    Debit,
    DebitedMandate,
    MandateAmendment,
    SepaAccount,
    Transfer,
    batched_by_key,
    message_id,
    one_batch_each,
    sequence_type,
)
from invoicing.collection.writing import DEBIT_FORMAT, TRANSFER_FORMAT, Originator, written_debits, written_transfers
from invoicing.tenants.banking import Alphabet

AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
BY = Originator("Kontor Nord GmbH", "DE98ZZZ09999999999")
OURS = SepaAccount("Kontor Nord GmbH", "DE02120300000000202051", "BYLADEM1001")
OTHER = SepaAccount("Kontor Nord GmbH", "DE89370400440532013000")
FILE = message_id("spf_01KB9ZQ3V7M3M4V0Y1T5D9K2XA", 1)
ALPHABETS: tuple[Alphabet, ...] = ("basic", "german")


@cache
def schema(format_: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(sepaxml.__file__).parent / "schemas" / f"{format_}.xsd"))


def debit(number: int, **changes: object) -> Debit:
    given = {
        "end_to_end_id": f"TXN-{number:04}",
        "amount": Decimal("119.00"),
        "account": OURS,
        "party": SepaAccount("Aimée Müller", "FR1420041010050500013M02606"),
        "remittance": f"INV-2026-{number:06}",
        "due_on": date(2026, 12, 14),
        "mandate": DebitedMandate(f"M-{number}", date(2026, 1, 2)),
        "scheme": "core",
        "sequence": "RCUR",
    }
    return Debit(**{**given, **changes})  # type: ignore[arg-type]


def values(content: bytes, name: str) -> list[str]:
    return [str(one.text) for one in etree.fromstring(content).iter(f"{{*}}{name}")]


def any_text(chance: random.Random) -> str:
    """A text of any characters, half of them Latin letters with accents."""
    points = [chance.choice([chance.randrange(0x20, 0x250), chance.randrange(0x20, 0xD800)]) for _ in range(90)]
    return "".join(map(chr, points[: chance.randrange(1, 90)]))


def any_debits(chance: random.Random) -> list[Debit]:
    amendments = [
        None,
        MandateAmendment(new_account=True),
        MandateAmendment(original_reference="OLD", original_creditor_id="DE98ZZZ09999999999"),
    ]
    return [
        debit(
            number,
            amount=Decimal(chance.randrange(1, 10**9)).scaleb(-2),
            account=chance.choice([OURS, OTHER]),
            party=SepaAccount(any_text(chance), "FR1420041010050500013M02606", chance.choice([None, "BNPAFRPPXXX"])),
            remittance=any_text(chance) * 2,
            due_on=date(2026, 12, 14) + timedelta(chance.randrange(2)),
            mandate=DebitedMandate(f"M-{number}", date(2026, 1, 2), chance.choice(amendments)),
            scheme=chance.choice(["core", "b2b"]),
            sequence=chance.choice(["RCUR", "OOFF", "FRST"]),
        )
        for number in range(chance.randrange(1, 9))
    ]


@pytest.mark.parametrize("runs", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_random_debit_runs_pass_the_schema(runs: int) -> None:
    chance = random.Random(25)
    for _ in range(runs):
        debits = any_debits(chance)
        file = batched_by_key(FILE, debits)
        by = BY._replace(name=any_text(chance), alphabet=chance.choice(ALPHABETS))
        content = written_debits(file, by, AT)
        schema(DEBIT_FORMAT).assertValid(etree.fromstring(content))
        require_sums(content, debits)
        chance.shuffle(debits)
        assert written_debits(batched_by_key(FILE, debits), by, AT) == content


def require_sums(content: bytes, payments: Sequence[Debit | Transfer]) -> None:
    """The counts and sums of the written amounts, and one batch for each account, scheme, sequence and day."""
    root = etree.fromstring(content)
    amounts = [Decimal(amount) for amount in values(content, "InstdAmt")]
    assert Counter(amounts) == Counter(one.amount for one in payments)
    assert (root.findtext(".//{*}GrpHdr/{*}NbOfTxs"), root.findtext(".//{*}GrpHdr/{*}CtrlSum")) == (
        str(len(payments)),
        str(sum(amounts)),
    )
    batches = root.findall(".//{*}PmtInf")
    for batch in batches:
        own = [Decimal(str(one.text)) for one in batch.iter("{*}InstdAmt")]
        assert batch.findtext("{*}NbOfTxs") == str(len(own))
        assert batch.findtext("{*}CtrlSum") == str(sum(own))
    kinds = {
        (one.account, one.due_on, *((one.scheme, one.sequence) if isinstance(one, Debit) else ())) for one in payments
    }
    assert len(batches) == len(kinds)
    ids = values(content, "PmtInfId")
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 35 for one in ids)


def test_random_transfers_pass_the_schema() -> None:
    chance = random.Random(26)
    for _ in range(50):
        transfers = [
            Transfer(*debit(7)[:6])._replace(**{name: getattr(one, name) for name in Transfer._fields})
            for one in any_debits(chance)
        ]
        by = BY._replace(name=any_text(chance), alphabet=chance.choice(ALPHABETS))
        content = written_transfers(batched_by_key(FILE, transfers), by, AT)
        schema(TRANSFER_FORMAT).assertValid(etree.fromstring(content))
        require_sums(content, transfers)
        chance.shuffle(transfers)
        assert written_transfers(batched_by_key(FILE, transfers), by, AT) == content


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_debits_are_those_of_another_writer() -> None:
    debits = [debit(1), debit(2, amount=Decimal("0.05"), sequence="OOFF"), debit(3, due_on=date(2026, 12, 15))]
    theirs = sepaxml.SepaDD(
        {
            "name": OURS.holder,
            "IBAN": OURS.iban,
            "BIC": OURS.bic,
            "batch": True,
            "creditor_id": BY.creditor_id,
            "currency": "EUR",
        },
        schema=DEBIT_FORMAT,
    )
    for one in debits:
        theirs.add_payment(
            {
                "name": "Aimee Mueller", "IBAN": one.party.iban, "amount": int(one.amount * 100), "type": one.sequence,
                "collection_date": one.due_on, "mandate_id": one.mandate.reference,
                "mandate_date": one.mandate.signed_on, "description": one.remittance, "endtoend_id": one.end_to_end_id,
            }
        )  # fmt: skip
    assert facts(written_debits(batched_by_key(FILE, debits), BY, AT)) == facts(theirs.export())


def facts(content: bytes) -> set[tuple[str, ...]]:
    """The debits of a file with the values of their batches, without the ids that each writer makes itself."""
    paths = ("PmtMtd", "NbOfTxs", "CtrlSum", "ReqdColltnDt", "ChrgBr")
    found: set[tuple[str, ...]] = set()
    for batch in etree.fromstring(content).iterfind(".//{*}PmtInf"):
        alike = [str(batch.findtext(f"{{*}}{name}")) for name in paths]
        alike += [str(batch.findtext(f".//{{*}}{name}")) for name in ("SeqTp", "IBAN", "BICFI")]
        alike += [str(batch.findtext(".//{*}PmtTpInf/{*}LclInstrm/{*}Cd"))]
        alike += [str(batch.findtext(".//{*}CdtrSchmeId/{*}Id/{*}PrvtId/{*}Othr/{*}Id"))]
        for one in batch.iterfind("{*}DrctDbtTxInf"):
            texts = [str(leaf.text) for leaf in one.iter() if len(leaf) == 0 and leaf.tag != "AmdmntInd"]
            found.add((*alike, *(text for text in texts if text not in ("false", "NOTPROVIDED"))))
    return found


def test_an_amendment_names_each_change() -> None:
    changed = MandateAmendment(new_account=True, original_reference="OLD-1", original_creditor_id="AT61ZZZ01234567890")
    content = written_debits(
        batched_by_key(FILE, [debit(1, mandate=DebitedMandate("NEW-1", date(2026, 1, 2), changed))]), BY, AT
    )
    assert values(content, "AmdmntInd") == ["true"]
    assert values(content, "OrgnlMndtId") == ["OLD-1"]
    account = etree.fromstring(content).find(".//{*}OrgnlDbtrAcct")
    assert account is not None
    assert "".join(map(str, account.itertext())) == "SMNDA"
    assert "AT61ZZZ01234567890" in values(content, "Id")


def test_sequence_types_follow_from_the_mandate() -> None:
    expected = {"recurrent": ["RCUR", "RCUR", "RCUR", "FRST"], "one_off": ["OOFF"] * 4}
    cases = [(first, frst) for first in (False, True) for frst in (False, True)]
    for use, types in expected.items():
        assert [sequence_type(use, is_first=one, first_as_frst=two) for one, two in cases] == types  # type: ignore[arg-type]


def test_a_bank_can_receive_one_batch_in_a_file() -> None:
    debits = [debit(1), debit(2, scheme="b2b"), debit(3)]
    whole = batched_by_key(FILE, debits)
    files = list(one_batch_each(whole))
    assert [[one.end_to_end_id for one in file.batches[0].payments] for file in files] == [
        ["TXN-0002"],
        ["TXN-0001", "TXN-0003"],
    ]
    assert len({file.message_id for file in (whole, *files)}) == 3
    assert sum(file.total for file in files) == whole.total == Decimal("357.00")
    assert sum(file.payments_count for file in files) == whole.payments_count == 3
    for file in files:
        schema(DEBIT_FORMAT).assertValid(etree.fromstring(written_debits(file, BY, AT)))


@pytest.mark.parametrize("written", [1, 2])
def test_a_message_id_names_the_file_and_its_writing(written: int) -> None:
    assert message_id("spf_01KB9ZQ3V7M3M4V0Y1T5D9K2XA", written) == f"01KB9ZQ3V7M3M4V0Y1T5D9K2XA-{written}"
