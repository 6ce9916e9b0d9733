"""The files that banks execute: direct debits as pain.008.001.08, credit transfers as pain.001.001.09 (ISO 20022)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from invoicing.collection.alphabet import LONGEST_NAME, LONGEST_REMITTANCE, NOT_PROVIDED
from invoicing.collection.alphabet import written as in_alphabet
from invoicing.collection.batching import Debit, MandateAmendment, PaymentBatch, PaymentFile, SepaAccount, Transfer
from invoicing.documents.einvoice.tree import Node, node, serialized
from invoicing.tenants.banking import Alphabet

DEBIT_FORMAT: Final = "pain.008.001.08"
TRANSFER_FORMAT: Final = "pain.001.001.09"
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_NEW_ACCOUNT = "SMNDA"
"""The code for another account of the payer (same mandate, new debtor account)."""


class Originator(NamedTuple):
    """The tenant as its files name it. Debits require its creditor id."""

    name: str
    creditor_id: str | None
    alphabet: Alphabet = "basic"


def written_debits(file: PaymentFile[Debit], by: Originator, at: datetime) -> bytes:
    """A file of direct debits. The same payments give the same bytes."""
    batches = [_debit_batch(batch, by) for batch in file.batches]
    initiation = node("CstmrDrctDbtInitn", _header(file, by, at), batches)
    return _document(DEBIT_FORMAT, initiation)


def written_transfers(file: PaymentFile[Transfer], by: Originator, at: datetime) -> bytes:
    """A file of credit transfers. The same payments give the same bytes."""
    batches = [_transfer_batch(batch, by) for batch in file.batches]
    initiation = node("CstmrCdtTrfInitn", _header(file, by, at), batches)
    return _document(TRANSFER_FORMAT, initiation)


def _document(format_: str, initiation: Node | None) -> bytes:
    root = node("Document", initiation)
    if root is None:
        raise AssertionError("a file has a header")
    return serialized(root, {None: f"{_NAMESPACE}{format_}"})


def _header(file: PaymentFile[Debit] | PaymentFile[Transfer], by: Originator, at: datetime) -> Node | None:
    return node(
        "GrpHdr",
        node("MsgId", file.message_id),
        node("CreDtTm", at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        node("NbOfTxs", str(file.payments_count)),
        node("CtrlSum", file.total),
        node("InitgPty", _name(by.name, by)),
    )


def _debit_batch(batch: PaymentBatch[Debit], by: Originator) -> Node | None:
    first = batch.payments[0]
    return node(
        "PmtInf",
        _batch_head(batch, "DD"),
        node(
            "PmtTpInf",
            node("SvcLvl", node("Cd", "SEPA")),
            node("LclInstrm", node("Cd", first.scheme.upper())),
            node("SeqTp", first.sequence),
        ),
        node("ReqdColltnDt", first.due_on.isoformat()),
        _party("Cdtr", first.account, by),
        node("ChrgBr", "SLEV"),
        node("CdtrSchmeId", _scheme_id(by.creditor_id)),
        (_debit(one, by) for one in batch.payments),
    )


def _debit(debit: Debit, by: Originator) -> Node | None:
    mandate = debit.mandate
    return node(
        "DrctDbtTxInf",
        node("PmtId", node("EndToEndId", debit.end_to_end_id)),
        node("InstdAmt", debit.amount, Ccy="EUR"),
        node(
            "DrctDbtTx",
            node(
                "MndtRltdInf",
                node("MndtId", mandate.reference),
                node("DtOfSgntr", mandate.signed_on.isoformat()),
                node("AmdmntInd", "true" if mandate.amendment else "false"),
                _amendment(mandate.amendment) if mandate.amendment else None,
            ),
        ),
        _agent("Dbtr", debit.party),
        _person("Dbtr", debit.party, by),
        _account("Dbtr", debit.party),
        _remittance(debit.remittance, by),
    )


def _amendment(amendment: MandateAmendment) -> Node | None:
    account = node("Id", node("Othr", node("Id", _NEW_ACCOUNT))) if amendment.new_account else None
    return node(
        "AmdmntInfDtls",
        node("OrgnlMndtId", amendment.original_reference),
        node("OrgnlCdtrSchmeId", _scheme_id(amendment.original_creditor_id)),
        node("OrgnlDbtrAcct", account),
    )


def _transfer_batch(batch: PaymentBatch[Transfer], by: Originator) -> Node | None:
    first = batch.payments[0]
    return node(
        "PmtInf",
        _batch_head(batch, "TRF"),
        node("PmtTpInf", node("SvcLvl", node("Cd", "SEPA"))),
        node("ReqdExctnDt", node("Dt", first.due_on.isoformat())),
        _party("Dbtr", first.account, by),
        node("ChrgBr", "SLEV"),
        (_transfer(one, by) for one in batch.payments),
    )


def _transfer(transfer: Transfer, by: Originator) -> Node | None:
    return node(
        "CdtTrfTxInf",
        node("PmtId", node("EndToEndId", transfer.end_to_end_id)),
        node("Amt", node("InstdAmt", transfer.amount, Ccy="EUR")),
        _agent("Cdtr", transfer.party) if transfer.party.bic else None,
        _person("Cdtr", transfer.party, by),
        _account("Cdtr", transfer.party),
        _remittance(transfer.remittance, by),
    )


def _batch_head(batch: PaymentBatch[Debit] | PaymentBatch[Transfer], method: str) -> Iterator[Node | None]:
    yield node("PmtInfId", batch.payment_information_id)
    yield node("PmtMtd", method)
    yield node("BtchBookg", "true")
    yield node("NbOfTxs", str(len(batch.payments)))
    yield node("CtrlSum", batch.total)


def _party(role: str, account: SepaAccount, by: Originator) -> Iterator[Node | None]:
    """The tenant's side of a batch. Its address is optional, and left out."""
    yield _person(role, account, by)
    yield _account(role, account)
    yield _agent(role, account)


def _person(role: str, account: SepaAccount, by: Originator) -> Node | None:
    return node(role, _name(account.holder, by))


def _account(role: str, account: SepaAccount) -> Node | None:
    return node(f"{role}Acct", node("Id", node("IBAN", account.iban)))


def _agent(role: str, account: SepaAccount) -> Node | None:
    bank = node("BICFI", account.bic) or node("Othr", node("Id", NOT_PROVIDED))
    return node(f"{role}Agt", node("FinInstnId", bank))


def _name(name: str, by: Originator) -> Node | None:
    return node("Nm", in_alphabet(name, LONGEST_NAME, by.alphabet))


def _remittance(text: str, by: Originator) -> Node | None:
    return node("RmtInf", node("Ustrd", in_alphabet(text, LONGEST_REMITTANCE, by.alphabet)))


def _scheme_id(creditor_id: str | None) -> Node | None:
    other = node("Othr", node("Id", creditor_id), node("SchmeNm", node("Prtry", "SEPA")))
    return node("Id", node("PrvtId", other)) if creditor_id else None
