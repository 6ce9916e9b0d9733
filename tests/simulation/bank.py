"""The bank of the simulated company: statements that come in, direct debits, and the requests of clients about them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from tests import transactions
from tests.bank import PAYERS, PROFILE, Month, Movement, camt_of, csv_of, feed, mt940_of
from tests.collection import collectable_invoice, debited, debtor, ready_to_collect, unused_method
from tests.forms import form
from tests.gateway import Client

Json = dict[str, Any]
OPEN = (Decimal("40.00"), Decimal("15.00"), Decimal("-7.00"))
"""The bank transactions that the company already has, which name no document."""


class Form(NamedTuple):
    """The body of an upload, and its content type."""

    content: bytes
    content_type: str


@dataclass(frozen=True)
class Bank:
    """The facts about the bank that clients know at the beginning of a day."""

    month: Month
    """The movements of all statements about the account."""
    statements: Sequence[Form]
    """Statements about these movements, which overlap, and about direct debits."""
    feed: Json
    transactions: Sequence[str]
    """The transactions that name no document."""
    allocation: str
    """The path of the allocation that one of them has."""
    debited: Sequence[str]
    """The invoices that a direct debit collects, and those that it can collect."""
    file: str
    """The SEPA file that the bank has not got yet."""
    method: str
    """The path of a payment method."""

    @classmethod
    def of(cls, api: Client, invoice_id: str, numbers: Sequence[str]) -> "Bank":
        """The bank of a company with some issued invoices."""
        announced = debited(api, announces=False)["id"]
        unused_method(api)
        uploaded = transactions.collected(api, 2)
        customer = debtor(api)
        ready_to_collect(api)
        free = [collectable_invoice(api, customer) for _ in range(2)]
        file = api.post("/sepa-files", {"type": "debit", "invoice_ids": free[:1]}).ok(201)["id"]
        collected = [*free, *(one.invoice_id for one in uploaded.debits)]
        for one in (announced, *collected[1:]):  # The others are dunned.
            api.put(f"/invoices/{one}/dunning", {"disabled": True}).ok()
        [method] = api.get(f"/customers/{customer}/payment-methods").ok()["data"]
        # Part payments too are allocated by rule.
        api.patch("/tenant", {"bank_matching": {"auto": "likely"}}).ok()
        earlier = Month([Movement(date(2026, 3, 9), amount, "Danke") for amount in OPEN])
        found = [one["transaction_id"] for one in api.post("/bank-transactions", feed(earlier, 100)).ok()["data"]]
        path = f"/bank-transactions/{found[0]}/allocations"
        wanted = {"allocations": [{"invoice_id": invoice_id, "amount": "5.00"}]}
        payment = api.post(path, wanted).ok()["allocations"][0]["payment_id"]
        month = _month(numbers)
        return cls(
            month,
            _statements(month, uploaded),
            feed(month.part(0, 2, "1")),
            found,
            f"{path}/{payment}",
            collected,
            file,
            f"/customers/{customer}/payment-methods/{method['id']}",
        )


def _month(numbers: Sequence[str]) -> Month:
    """Payments that name documents, a part of one among them, twins, and charges."""
    amounts = (Decimal("178.50"), Decimal("178.50"), Decimal("60.00"))
    named = [
        Movement(date(2026, 3, 20), amount, number, iban=iban, end_to_end_id=f"E2E-{number}-{amount}")
        for amount, number, iban in zip(amounts, [*numbers, numbers[0]], PAYERS, strict=True)
    ]
    twins = [Movement(date(2026, 3, 21), Decimal("30.00"), "Danke")] * 2
    return Month([*named, *twins, Movement(date(2026, 3, 23), Decimal("-12.00"), "Entgelt")])


def _statements(month: Month, uploaded: transactions.Collected) -> list[Form]:
    """Three overlapping statements in three formats, and the news of the direct debits that the bank has."""
    first, last = uploaded.debits
    credit, returned = transactions.credit_of(uploaded), transactions.return_of(first)
    return [
        _form(camt_of(month)),
        _form(mt940_of(month.part(0, 4, "2"))),
        _form(csv_of(month.part(2, 6, "3")), bank_account_id="main", csv_profile=json.dumps(PROFILE)),
        _form(transactions.camt_of(credit), bank_account_id="main"),
        _form(transactions.camt_of(credit, returned), bank_account_id="main"),
        _form(transactions.rejection_of(uploaded, last), bank_account_id="main"),
    ]


def _form(content: bytes, **fields: str) -> Form:
    return Form(*form(fields, [("statement", content, "application/octet-stream")]))
