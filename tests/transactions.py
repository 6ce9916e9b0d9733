"""Direct debits that the bank has, and the statements about them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.collection.batching import batched_by_key, message_id
from invoicing.core.identity import Caller
from invoicing.core.ids import new_id, new_ids
from invoicing.customers.model import Customer
from invoicing.sepa_files.model import FileOriginator, SepaDocument, SepaFile
from invoicing.sepa_files.table import members
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.transactions.model import DebitMandate, Transaction, TransactionAccount
from invoicing.transactions.table import claimed
from tests.bank import IBAN, imported, part_payment
from tests.builders import NOON, customer_json, invoice_json
from tests.collection import IBAN as PAYER
from tests.collection import method_json
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.unit.test_sepa_states import content

Json = dict[str, Any]
DUE = date(2026, 3, 2)
"""The day of the debits: a Monday in the past, so that statements about it can be imported."""
PAID = ("119.00", "sepa_direct_debit", None)
"""The payment of a settled debit."""
FEE = Decimal("3.00")
"""The charges of the bank for a return."""


class Collected(NamedTuple):
    """An uploaded file of direct debits, one of each invoice."""

    file: SepaFile
    debits: tuple[Transaction, ...]
    method_path: str

    @property
    def batch(self) -> str:
        """The id of its only batch."""
        return self.file.batches[0].payment_information_id


def store_of(api: Client) -> Store:
    """The table as the service sees it."""
    return Store(Session(Caller.system(api.tenant_id, "Europe/Berlin"), NOON, time_zone="Europe/Berlin"))


def collected(api: Client, count: int = 1) -> Collected:
    """Direct debits of new invoices over 119.00 that the bank has. They settle on the day before `NOON`."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    path = f"/customers/{customer}/payment-methods"
    method = api.post(path, method_json()).ok(201)
    invoices = [api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"] for _ in range(count)]
    for one in invoices:
        api.post(f"/invoices/{one}/finalize").ok()
    mandate: Json = {"reference": method["mandate"]["reference"], "signed_on": date(2026, 3, 1)}
    store, file_id = store_of(api), new_id("spf", NOON)
    moment = store.session.moment
    debits = [
        Transaction(
            id=id_,
            type="debit",
            invoice_id=invoice_id,
            customer_id=customer,
            payment_method_id=method["id"],
            sepa_file_id=file_id,
            amount=Decimal("119.00"),
            end_to_end_id=id_.removeprefix("txn_"),
            due_on=DUE,
            account=TransactionAccount(holder="Werft & Söhne AG", iban=PAYER),
            mandate=DebitMandate(scheme="core", sequence="RCUR", **mandate),
            remittance="INV",
            **moment.created,
        )
        for id_, invoice_id in zip(new_ids("txn", NOON), invoices, strict=False)
    ]
    message = message_id(file_id, 1)
    new = SepaFile(
        id=file_id,
        type="debit",
        format="pain.008.001.08",
        message_id=message,
        bank_account_id="main",
        originator=FileOriginator(name="Kontor", holder="Kontor", iban=IBAN, creditor_id="DE98ZZZ09999999999"),
        due_on=DUE,
        settles_on=date(2026, 3, 9),
        **moment.created,
    )
    payments = batched_by_key(message, [one for batch in content(*debits).batches for one in batch.payments])
    document = SepaDocument(id=new_id("file", NOON), message_id=message, sha256="0" * 64, size=1)
    written = new.with_more(debits, moment).written(payments, [document], moment)
    pending = [one.uploaded(moment) for one in debits]
    also = [claimed(debits), members(debits)]
    store.advance(store.get(Customer, customer), written.uploaded(moment), *pending, also=also)
    return Collected(written, tuple(debits), f"{path}/{method['id']}")


def entry(amount: Decimal, more: str, day: date = DUE) -> str:
    """An entry of camt with one detail."""
    mark = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Ntry><Amt Ccy="EUR">{abs(amount)}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls>{more}</NtryDtls></Ntry>"
    )


def credit_of(found: Collected) -> str:
    """The credit of a whole batch, which names it."""
    return entry(found.file.total, f"<Btch><PmtInfId>{found.batch}</PmtInfId></Btch>")


def single_credit(debit: Transaction) -> str:
    """The credit of one debit, which names it and its invoice."""
    references = f"<Refs><EndToEndId>{debit.end_to_end_id}</EndToEndId></Refs>"
    return entry(debit.amount, f"<TxDtls>{references}</TxDtls>")


def return_of(debit: Transaction, code: str = "AC04", *, end_to_end: bool = True, day: date = date(2026, 3, 5)) -> str:
    """The return of a debit, with charges in its amount."""
    named = f"<EndToEndId>{debit.end_to_end_id}</EndToEndId>" if end_to_end else ""
    references = f"<Refs>{named}<MndtId>{debit.mandate and debit.mandate.reference}</MndtId></Refs>"
    original = f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{debit.amount}</Amt></InstdAmt></AmtDtls>'
    reason = f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>"
    return entry(-debit.amount - FEE, f"<TxDtls>{references}{original}{reason}</TxDtls>", day)


def camt_of(*entries: str) -> bytes:
    """A notification with entries."""
    return (
        f"<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>1</Id>"
        f"{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def rejection_of(found: Collected, *debits: Transaction, code: str = "AM04") -> bytes:
    """A pain.002 that rejects debits; without any, the whole file."""
    reason = f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
    status = "" if debits else f"<GrpSts>RJCT</GrpSts>{reason}"
    payments = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{one.end_to_end_id}</OrgnlEndToEndId><TxSts>RJCT</TxSts>{reason}</TxInfAndSts>"
        for one in debits
    )
    return (
        f"<Document><CstmrPmtStsRpt><GrpHdr><MsgId>S</MsgId><CreDtTm>2026-03-02T08:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{found.file.message_id}</OrgnlMsgId>{status}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{found.batch}</OrgnlPmtInfId>{payments}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def reported(api: Client, content: bytes) -> list[Json]:
    """Import a file, and deliver the events about it. Returns the bank transactions, oldest first."""
    known = {one["id"] for name in ("bank_transaction.received", "bank_statement.imported") for one in details(name)}
    imported(api, content, bank_account_id="main")
    for name, consumer in (
        ("bank_transaction.received", "allocate_bank_transactions"),
        ("bank_statement.imported", "refuse_debits"),
    ):
        new = [one for one in details(name) if one["id"] not in known]
        for event in new:
            assert deliver(consumer, event) == []
    found: list[Json] = api.get("/bank-transactions?order=asc&limit=100").ok()["data"]
    return found


def debit_now(api: Client, debit: Transaction) -> Json:
    """A debit as the API shows it."""
    found: Json = api.get(f"/transactions/{debit.id}").ok()
    return found


def payments(api: Client, debits: Sequence[Transaction]) -> list[tuple[str, str, str | None]]:
    """Amount, method and reversal reason of all payments of the debits' invoices."""
    return [
        (one["amount"], one["method"], one.get("reversal_reason"))
        for debit in debits
        for one in api.get(f"/invoices/{debit.invoice_id}/payments").ok()["data"]
    ]


def cause_events(api: Client) -> None:
    """A debit is settled and returned, and another one is refused."""
    found = collected(api)
    reported(api, camt_of(credit_of(found)))
    reported(api, camt_of(return_of(found.debits[0])))
    refused = collected(api)
    reported(api, rejection_of(refused, *refused.debits))


def payment_and_credit(api: Client) -> Callable[[], list[str]]:
    """The delivery of a payment of a part of an invoice, and of the credit of two direct debits."""
    paid = part_payment(api)
    imported(api, camt_of(credit_of(collected(api, 2))), bank_account_id="main")
    event = details("bank_transaction.received")[-1]
    return lambda: paid() + deliver("allocate_bank_transactions", event)


def refused_file(api: Client) -> Callable[[], list[str]]:
    """The delivery of the rejection of a file with two debits."""
    imported(api, rejection_of(collected(api, 2), code="AC04"), bank_account_id="main")
    event = details("bank_statement.imported")[-1]
    return lambda: deliver("refuse_debits", event)


def due_to_settle(api: Client) -> Callable[[], list[str]]:
    """The hour in which two debits settle without news of the bank."""
    collected(api, 2)
    return lambda: strike("settle_debits", api.tenant_id)
