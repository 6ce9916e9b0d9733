"""Direct debits and credit transfers that the bank has, and the statements about them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.collection.batching import Debit, DebitedMandate, SepaAccount, Transfer, batched_by_key, message_id
from invoicing.core.identity import Caller
from invoicing.core.ids import new_id, new_ids
from invoicing.customers.model import Customer
from invoicing.sepa_files.model import FileOriginator, SepaDocument, SepaFile
from invoicing.sepa_files.table import members
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.transactions.model import DebitMandate, Transaction, TransactionAccount, TransactionType
from invoicing.transactions.table import claimed
from tests.bank import (
    IBAN,
    PROFILE,
    Month,
    Movement,
    batch_of,
    csv_of,
    deliver_import,
    feed,
    imported,
    part_payment,
    upload,
)
from tests.bank import camt_of as month_as_camt
from tests.builders import NOON, customer_json, invoice_json
from tests.collection import IBAN as PAYER
from tests.collection import method_json
from tests.events import deliver, details, strike
from tests.gateway import Client

Json = dict[str, Any]
DUE = date(2026, 3, 2)
"""The day of the debits: a Monday in the past, so that statements about it can be imported."""
PAID = ("119.00", "sepa_direct_debit", None)
"""The payment of a settled debit."""
REFUNDED = ("119.00", "bank_transfer", None)
"""The refund of a settled credit."""
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
    customer, path, method = _customer(api)
    return _uploaded(api, "debit", customer, _invoices(api, customer, count), method, path)


def repaid(api: Client, count: int = 1, parts: Sequence[str] = ("119.00",)) -> Collected:
    """Credit transfers that the bank has, of new invoices that were paid and canceled. They settle as debits do."""
    customer, path, method = _customer(api)
    invoices = [owed(api, one, parts) for one in _invoices(api, customer, count)]
    return _uploaded(api, "credit", customer, invoices, method, path)


def owed(api: Client, invoice_id: str, parts: Sequence[str] = ("119.00",)) -> str:
    """Pay an invoice and cancel it, so that its amount is to be refunded."""
    for amount in parts:
        api.post(f"/invoices/{invoice_id}/payments", {"amount": amount}).ok(201)
    api.post(f"/invoices/{invoice_id}/cancel").ok()
    return invoice_id


def _customer(api: Client) -> tuple[str, str, Json]:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    path = f"/customers/{customer}/payment-methods"
    method: Json = api.post(path, method_json()).ok(201)
    return customer, f"{path}/{method['id']}", method


def _invoices(api: Client, customer: str, count: int) -> list[str]:
    invoices = [api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"] for _ in range(count)]
    for one in invoices:
        api.post(f"/invoices/{one}/finalize").ok()
    return invoices


def _uploaded(
    api: Client, type_: TransactionType, customer: str, invoices: Sequence[str], method: Json, path: str
) -> Collected:
    store, file_id = store_of(api), new_id("spf", NOON)
    moment, of_debit, creditor_id = store.session.moment, dict[str, Any](), None
    if type_ == "debit":
        mandate: Json = {"reference": method["mandate"]["reference"], "signed_on": date(2026, 3, 1)}
        of_debit = {
            "payment_method_id": method["id"],
            "mandate": DebitMandate(scheme="core", sequence="RCUR", **mandate),
        }
        creditor_id = "DE98ZZZ09999999999"
    transactions = [
        Transaction(
            id=id_,
            type=type_,
            invoice_id=invoice_id,
            customer_id=customer,
            sepa_file_id=file_id,
            amount=Decimal("119.00"),
            end_to_end_id=id_.removeprefix("txn_"),
            due_on=DUE,
            account=TransactionAccount(holder="Werft & Söhne AG", iban=PAYER),
            remittance="INV",
            **of_debit,
            **moment.created,
        )
        for id_, invoice_id in zip(new_ids("txn", NOON), invoices, strict=False)
    ]
    message = message_id(file_id, 1)
    new = SepaFile(
        id=file_id,
        type=type_,
        format="pain.008.001.08" if type_ == "debit" else "pain.001.001.09",
        message_id=message,
        bank_account_id="main",
        originator=FileOriginator(name="Kontor", holder="Kontor", iban=IBAN, creditor_id=creditor_id),
        due_on=DUE,
        settles_on=date(2026, 3, 9),
        **moment.created,
    )
    payments = batched_by_key(message, [_entry(one) for one in transactions])
    document = SepaDocument(id=new_id("file", NOON), message_id=message, sha256="0" * 64, size=1)
    written = new.with_more(transactions, moment).written(payments, [document], moment)
    pending = [one.uploaded(moment) for one in transactions]
    also = [claimed(transactions), members(transactions)]
    store.advance(store.get(Customer, customer), written.uploaded(moment), *pending, also=also)
    return Collected(written, tuple(transactions), path)


def _entry(one: Transaction) -> Any:
    party = SepaAccount("A", IBAN)
    facts = (one.end_to_end_id, one.amount, party, party, one.remittance, DUE)
    if one.type == "credit":
        return Transfer(*facts)
    return Debit(*facts, DebitedMandate("M-1", date(2026, 3, 1)), "core", "RCUR")


def entry(amount: Decimal, more: str, day: date = DUE) -> str:
    """An entry of camt with one detail."""
    mark = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Ntry><Amt Ccy="EUR">{abs(amount)}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls>{more}</NtryDtls></Ntry>"
    )


def _signed(of: Transaction | SepaFile, amount: Decimal) -> Decimal:
    """An amount as the money of a debit or credit changes the balance of the account."""
    return amount if of.type == "debit" else -amount


def credit_of(found: Collected) -> str:
    """The money of a whole batch, which names it."""
    return entry(_signed(found.file, found.file.total), f"<Btch><PmtInfId>{found.batch}</PmtInfId></Btch>")


def single_credit(one: Transaction, day: date = DUE) -> str:
    """The money of one transaction, which names it and its invoice."""
    references = f"<Refs><EndToEndId>{one.end_to_end_id}</EndToEndId></Refs>"
    return entry(_signed(one, one.amount), f"<TxDtls>{references}</TxDtls>", day)


def return_of(one: Transaction, code: str = "AC04", *, end_to_end: bool = True, day: date = date(2026, 3, 5)) -> str:
    """The return of a transaction, with charges in its amount."""
    named = f"<EndToEndId>{one.end_to_end_id}</EndToEndId>" if end_to_end else ""
    mandate = f"<MndtId>{one.mandate.reference}</MndtId>" if one.mandate else ""
    original = f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{one.amount}</Amt></InstdAmt></AmtDtls>'
    reason = f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>"
    details = f"<TxDtls><Refs>{named}{mandate}</Refs>{original}{reason}</TxDtls>"
    return entry(-_signed(one, one.amount) - FEE, details, day)


def to_refund(api: Client, debit_id: str) -> None:
    """Settle a debit, and cancel its invoice, so that its amount is to be refunded."""
    debit = store_of(api).get(Transaction, debit_id)
    reported(api, camt_of(single_credit(debit, date(2026, 3, 4))))
    api.post(f"/invoices/{debit.invoice_id}/cancel").ok()


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


def sent(api: Client, **facts: Any) -> Json:
    """A transaction of the feed after its event."""
    known = len(details("bank_transaction.received"))
    one = {"external_id": f"X-{known}", "booked_on": f"{DUE}", "currency": "EUR", **facts}
    [result] = api.post("/bank-transactions", {"bank_account_id": "main", "transactions": [one]}).ok()["data"]
    for event in details("bank_transaction.received")[known:]:
        assert deliver("allocate_bank_transactions", event) == []
    found: Json = api.get(f"/bank-transactions/{result['transaction_id']}").ok()
    return found


def debit_now(api: Client, debit: Transaction | Json) -> Json:
    """A debit as the API shows it."""
    id_ = debit.id if isinstance(debit, Transaction) else debit["id"]
    found: Json = api.get(f"/transactions/{id_}").ok()
    return found


def payments(api: Client, debits: Sequence[Transaction]) -> list[tuple[str, str, str | None]]:
    """Amount, method and reversal reason of all payments of the debits' invoices."""
    return [
        (one["amount"], one["method"], one.get("reversal_reason"))
        for debit in debits
        for one in api.get(f"/invoices/{debit.invoice_id}/payments").ok()["data"]
    ]


def cause_events(api: Client) -> None:
    """A debit is paid back, one is settled and returned, and one is refused."""
    paid_back = collected(api).debits[0].id
    to_refund(api, paid_back)
    api.post(f"/transactions/{paid_back}/refund").ok(201)
    found = collected(api)
    reported(api, camt_of(credit_of(found)))
    reported(api, camt_of(return_of(found.debits[0])))
    refused = collected(api)
    reported(api, rejection_of(refused, *refused.debits))


def payment_and_credit(api: Client) -> Callable[[], list[str]]:
    """The delivery of a payment of a part of an invoice, of the money of a direct debit, and of a credit transfer."""
    paid = part_payment(api)
    imported(api, camt_of(credit_of(collected(api)), credit_of(repaid(api))), bank_account_id="main")
    events = details("bank_transaction.received")[-2:]
    return lambda: paid() + [left for one in events for left in deliver("allocate_bank_transactions", one)]


def refused_file(api: Client) -> Callable[[], list[str]]:
    """The delivery of the rejection of a direct debit and of a credit transfer."""
    first = collected(api)
    imported(api, rejection_of(first, *first.debits, *repaid(api).debits, code="AC04"), bank_account_id="main")
    event = details("bank_statement.imported")[-1]
    return lambda: deliver("refuse_debits", event)


def due_to_settle(api: Client) -> Callable[[], list[str]]:
    """The hour in which a direct debit and a credit transfer settle without news of the bank."""
    collected(api)
    repaid(api)
    return lambda: strike("settle_debits", api.tenant_id)


def payment_of_two(api: Client) -> Callable[[], list[str]]:
    """The delivery of a payment of two invoices of a customer, with a cash discount."""
    api.patch("/tenant", {"bank_matching": {"auto": "certain"}}).ok()
    customer, _, _ = _customer(api)
    issued = [api.get(f"/invoices/{id_}").ok() for id_ in _invoices(api, customer, 2)]
    less = [Decimal(one["total"]) - Decimal("2.38") for one in issued]
    text = " ".join(one["number"] for one in issued)
    api.post("/bank-transactions", feed(Month([Movement(DUE, sum(less, Decimal()), text)]))).ok()
    event = details("bank_transaction.received")[-1]
    return lambda: deliver("allocate_bank_transactions", event)


def return_of_a_settled_debit(api: Client) -> Callable[[], list[str]]:
    """The delivery of a return that blocks the mandate, and whose charges are passed on."""
    api.patch("/tenant", {"collection": {"pass_on_return_charges": True}}).ok()
    found = collected(api, 2)
    reported(api, camt_of(credit_of(found)))
    imported(api, camt_of(return_of(found.debits[0], "AC04")), bank_account_id="main")
    event = details("bank_transaction.received")[-1]
    return lambda: deliver("allocate_bank_transactions", event)


def details_of_a_batch(api: Client) -> Callable[[], list[str]]:
    """The delivery of a statement with a batch and a payment less charges, both known as a whole, and a new twin."""
    payments = [Movement(DUE, Decimal(amount), f"INV-{amount}", iban=IBAN) for amount in ("329.56", "100.00")]
    charged = batch_of([Movement(DUE, Decimal("50.00"), "INV-50", iban=IBAN)], Decimal("2.00"))
    month = Month([batch_of(payments), charged, payments[0], payments[0]])
    imported(api, csv_of(month.part(0, 3, "1")), csv_profile=PROFILE, bank_account_id="main")
    [statement] = upload(api, month_as_camt(month))
    return lambda: deliver_import(statement)
