"""Random runs of credit transfers, from documents that owe money to the files of the bank."""

import random
from collections import Counter
from decimal import Decimal

import pytest
from lxml import etree

from invoicing.collection.target_days import is_target_day
from invoicing.core.ids import new_id
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.refunding import RefundedDocument, method_account
from invoicing.sepa_files.writing import content_of
from invoicing.transactions.model import Transaction
from tests.unit.test_debit_runs import World, written_file
from tests.unit.test_sepa_files import schema, values


def credits_of(world: World, file: SepaFile) -> list[Transaction]:
    """The credits of documents whose customers have a known account."""
    chance = world.chance
    found = [
        RefundedDocument(
            one,
            None,
            Decimal(chance.randrange(1, 10**8)).scaleb(-2),
            method_account(method for method in world.methods if method.customer_id == one.customer_id),
        )
        for one in world.invoices
    ]
    return [one.transaction(new_id("txn", world.at), file, world.moment) for one in found if one.payee]


def require_messages(file: SepaFile, credits_: list[Transaction], contents: list[bytes]) -> None:
    """The messages pass the schema, have each credit once, and the sums of the file."""
    by_id = {one.end_to_end_id: one for one in credits_}
    for content in contents:
        root = etree.fromstring(content)
        schema(file.format).assertValid(root)
        amounts = [Decimal(one) for one in values(content, "InstdAmt")]
        assert set(values(content, "NbOfTxs")) == {f"{len(amounts)}"}
        assert set(values(content, "CtrlSum")) == {f"{sum(amounts)}"}
        # Credits of an account and a day are one batch.
        assert [one.findtext("{*}ReqdExctnDt/{*}Dt") for one in root.iterfind(".//{*}PmtInf")] == [f"{file.due_on}"]
        assert amounts == [by_id[id_].amount for id_ in values(content, "EndToEndId")]
    assert Counter(one for content in contents for one in values(content, "EndToEndId")) == Counter([*by_id])
    assert (file.count, file.total) == (len(credits_), sum(one.amount for one in credits_))


@pytest.mark.parametrize("runs", [50, pytest.param(1_000, marks=pytest.mark.slow)])
def test_random_runs_write_all_refunds(runs: int) -> None:
    """No message has an id of another one, also after some credits were canceled and the rest was written again."""
    chance = random.Random(runs)
    ids: Counter[str] = Counter()
    done = 0
    while done < runs:
        world = World(chance)
        day = world.day()
        if day is None:
            continue
        assert is_target_day(day)
        debits = world.file(day)
        by = debits.originator.model_copy(update={"creditor_id": None})
        new = debits.model_copy(update={"type": "credit", "format": "pain.001.001.09", "originator": by})
        left = credits_of(world, new)
        done += bool(left)
        file = new.with_more(left, world.moment)
        while left:
            file, messages = written_file(file, left, world.moment)
            contents = [one.content for one in messages]
            require_messages(file, left, contents)
            ids.update(one for content in contents for name in ("MsgId", "PmtInfId") for one in values(content, name))
            chance.shuffle(left)
            assert [one.content for one in content_of(file, left).messages] == contents
            leaving = left[: chance.randint(1, len(left))]
            file, left = file.with_fewer(leaving, world.moment), left[len(leaving) :]
    assert set(ids.values()) == {1}
