"""Rules about bank statements, their allocation and SEPA files, which the durable state always keeps."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.faults.ledger import Ledger

Json = dict[str, Any]
UNDER_WAY = {"created", "pending"}


def _of(ledger: Ledger, entity: str) -> dict[str, Json]:
    return {one["id"]: one for one in ledger.of(entity)}


def _debits(ledger: Ledger) -> dict[str, Json]:
    found = {id_: {"status": "created", **one} for id_, one in _of(ledger, "transaction").items()}
    return {id_: one for id_, one in found.items() if one["type"] == "debit"}


def _transactions_are_allocated_once(ledger: Ledger) -> Iterator[str]:
    """The allocated and the other part of a bank transaction are its amount. Each allocation is one payment."""
    payments, held = _of(ledger, "payment"), Counter[str]()
    for id_, one in _of(ledger, "bank_transaction").items():
        parts, amount = one.get("allocations", []), Decimal(one["amount"])
        taken = sum((Decimal(part["amount"]) for part in parts), _collected(one, amount))
        if taken + Decimal(one["unallocated"]) != amount:
            yield f"{id_} over {amount} has {one['unallocated']} unallocated beside {parts or one.get('collection')}"
        for part in parts:
            held[part["payment_id"]] += 1
            if _differs(payments.get(part["payment_id"]), part["target_id"], part["amount"], id_):
                yield f"{id_} is allocated by {part}, its payment is {payments.get(part['payment_id'])}"
    for id_, payment in payments.items():
        of_bank = str(payment.get("external_id")).startswith("btx_") and not payment.get("reversed_at")
        if of_bank and held[id_] != 1:
            yield f"{id_} of {payment['external_id']} is allocated {held[id_]} times"


def _collected(transaction: Json, amount: Decimal) -> Decimal:
    """The part that is the money of debits or credits. A return is it as a whole, with charges."""
    found = transaction.get("collection") or {"kind": None, "amount": 0}
    return amount if found["kind"] == "return" else Decimal(found["amount"])


def _differs(payment: Mapping[str, Any] | None, invoice_id: str, amount: str, external_id: str) -> bool:
    if payment is None or payment.get("reversed_at"):
        return True
    found = payment["invoice_id"], Decimal(payment["amount"]), payment.get("external_id")
    return found != (invoice_id, Decimal(amount), external_id)


def _statements_count_their_transactions(ledger: Ledger) -> Iterator[str]:
    """The transactions that came with a statement first are its new ones, and each has a row by which it is known."""
    transactions = _of(ledger, "bank_transaction")
    new = Counter(one["statement_id"] for one in transactions.values())
    for id_, one in _of(ledger, "bank_statement").items():
        counted = one.get("new", 0), one.get("duplicates", 0)
        if counted[0] != new[id_]:
            yield f"{id_} counts {counted[0]} new transactions, {new[id_]} came with it first"
        if one.get("status") == "done" and sum(counted) != one.get("booked", 0):
            yield f"{id_} is done with {counted} of {one.get('booked')}"
    known = {row["transaction_id"] for row in ledger.by_entity["bank_transaction_claim"]}
    if known != transactions.keys():
        yield f"only known or only stored: {sorted(known ^ transactions.keys())}"


def _invoices_have_one_debit_under_way(ledger: Ledger) -> Iterator[str]:
    """The debits that are under way are those that invoices and payment methods know of."""
    under_way = [one for one in _debits(ledger).values() if one["status"] in UNDER_WAY]
    debits = Counter(one["invoice_id"] for one in under_way)
    yield from (f"{invoice} has {times} debits under way" for invoice, times in debits.items() if times > 1)
    claims = {(row["PK"].rpartition("#")[2], row["transaction_id"]) for row in ledger.by_entity["collect"]}
    if claims != (expected := {(one["invoice_id"], one["id"]) for one in under_way}):
        yield f"claims without debits or debits without claims: {sorted(claims ^ expected)}"
    used = Counter(one["payment_method_id"] for one in under_way if one.get("payment_method_id"))
    counted = {row["SK"].removeprefix("DEBITS#"): row["debits"] for row in ledger.by_entity["debits_under_way"]}
    if Counter(counted) != used or any(number < 0 for number in counted.values()):
        yield f"payment methods count {counted} debits, {used} are under way"


def _transactions_are_paid_once(ledger: Ledger) -> Iterator[str]:
    """A payment of a transaction is the one that it names, of the same document and a fitting amount."""
    transactions, payments = _of(ledger, "transaction"), _of(ledger, "payment")
    for id_, payment in payments.items():
        external_id = str(payment.get("external_id"))
        if external_id.startswith("txn_") and transactions.get(external_id, {}).get("payment_id") != id_:
            yield f"{id_} is of {external_id}, which names another payment or none"
    for id_, one in transactions.items():
        if one.get("payment_id"):
            payment = payments.get(one["payment_id"], {})
            if payment.get("invoice_id") != one["invoice_id"] or not _is_amount_of(payment, one):
                yield f"{id_} over {one['amount']} of {one['invoice_id']} is paid by {payment}"
            if one.get("status") == "returned" and not payment.get("reversed_at"):
                yield f"{id_} was returned, its payment was not reversed"


def _is_amount_of(payment: Json, transaction: Json) -> bool:
    """Whether a payment can be that of a transaction: a refund of a part, or any amount that a user booked."""
    amount, most = Decimal(payment["amount"]), Decimal(transaction["amount"])
    if transaction["type"] == "credit":
        return 0 < amount <= most
    return amount == most or transaction["payment_id"] == transaction.get("booked_payment_id")


def _sepa_files_count_their_transactions(ledger: Ledger) -> Iterator[str]:
    members: defaultdict[str, list[Json]] = defaultdict(list)
    for one in _of(ledger, "transaction").values():
        members[one.get("sepa_file_id") or ""].append({"status": "created", **one})
    for id_, file in _of(ledger, "sepa_file").items():
        left = [one for one in members[id_] if one["status"] != "canceled"]
        total = sum((Decimal(one["amount"]) for one in left), Decimal())
        if (file.get("count", 0), Decimal(file.get("total", "0"))) != (len(left), total):
            yield f"{id_} counts {file.get('count')} over {file.get('total')}, it has {len(left)} over {total}"
        returned = sum(one["status"] in ("failed", "returned") for one in left)
        if file.get("returned_count", 0) != returned:
            yield f"{id_} counts {file.get('returned_count')} returns, {returned} were returned"
        if file.get("status") == "settled" and any(one["status"] in UNDER_WAY for one in left):
            yield f"{id_} is settled, and some of its transactions are under way"
        if file.get("status") == "canceled" and left:
            yield f"{id_} is canceled, and some of its transactions are not"


RULES: Sequence[Callable[[Ledger], Iterator[str]]] = (
    _transactions_are_allocated_once,
    _statements_count_their_transactions,
    _invoices_have_one_debit_under_way,
    _transactions_are_paid_once,
    _sepa_files_count_their_transactions,
)
