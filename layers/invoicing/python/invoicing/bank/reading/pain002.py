"""pain.002: which payments of a file the bank did not execute, and why. Payments that succeeded are left out."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from invoicing.bank.entry import OriginalAmount, Rejection, ReturnReason, line, reference, returned
from invoicing.bank.reading.statement import FoundStatement, NotReadable, Reading, amount_of
from invoicing.bank.reading.xml import Element, parse

IS_PAIN002: Final = ("CstmrPmtStsRpt", "pain.002")
"""The beginnings of the names of its messages: of all versions, and of the first ones."""
_GROUP, _BATCH, _PAYMENT = "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts"
_REJECTED = "RJCT"


def read_pain002(content: bytes, place: str) -> Reading:
    """The rejections of a file, as one statement without entries. Raises `NotReadable` for XML that is none."""
    reader = _Reader(FoundStatement(place or "line 1", "pain.002"), place)
    parse(content, reader.begin, reader.take)
    return Reading([reader.ended()])


class _Reader:
    """Reads payment by payment, so that a large file is never in memory as a whole tree."""

    def __init__(self, statement: FoundStatement, place: str) -> None:
        self._statement = statement
        self._place = place
        self._group: Element | None = None
        self._batch: Element | None = None

    def begin(self, element: Element, _: Sequence[Element]) -> None:
        """The payments of a batch are within it."""
        if element.name == _BATCH:
            self._batch = element

    def take(self, element: Element) -> bool:
        """Read the head, a group, a batch or a payment at its end."""
        match element.name:
            case "GrpHdr":
                self._read_head(element)
            case name if name == _GROUP:
                self._group = element
            case name if name == _BATCH:
                if _status_of(element, "PmtInfSts") == _REJECTED:
                    self._add(None)
                self._batch = None
            case name if name == _PAYMENT:
                levels = ((element, "TxSts"), (self._batch, "PmtInfSts"), (self._group, "GrpSts"))
                if next((one for level, name in levels if (one := _status_of(level, name))), None) == _REJECTED:
                    self._add(element)
            case _:
                return False
        return True

    def ended(self) -> FoundStatement:
        """The statement, with the rejection of the whole file at the end."""
        if _status_of(self._group, "GrpSts") == _REJECTED:
            self._add(None)
        return self._statement

    def _read_head(self, element: Element) -> None:
        self._statement.number = line(element.value("MsgId"))
        created = element.value("CreDtTm") or ""
        try:
            self._statement.first_day = self._statement.last_day = date.fromisoformat(created[:10])
        except ValueError:
            self._statement.problems.append(NotReadable(self._at(element), "the date of the message does not exist"))

    def _add(self, payment: Element | None) -> None:
        """Add a payment, or all of a batch or of the file, unless it succeeded by its reason."""
        try:
            reason = _reason_of(payment, self._batch, self._group)
            if reason is None:
                return
            self._name_account(payment)
            rejection = Rejection(
                message_id=_value(self._group, "OrgnlMsgId"),
                payment_information_id=_value(self._batch, "OrgnlPmtInfId"),
                end_to_end_id=_value(payment, "OrgnlEndToEndId"),
                mandate_reference=_value(payment, "OrgnlTxRef", "MndtRltdInf", "MndtId"),
                amount=_amount_of(payment),
                reason=reason,
            )
        except NotReadable as error:
            self._statement.problems.append(NotReadable(self._placed(error.place), error.why))
            return
        if rejection.end_to_end_id or payment is None:
            self._statement.rejections.append(rejection)
        else:
            why = "the rejected payment has no end-to-end id"
            self._statement.problems.append(NotReadable(self._at(payment), why))

    def _name_account(self, payment: Element | None) -> None:
        """The account of the statement: the creditor's of direct debits, the debtor's of credit transfers."""
        original = payment.find("OrgnlTxRef") if payment is not None else None
        if original is None or self._statement.account is not None:
            return
        transfers = (_value(self._group, "OrgnlMsgNmId") or "").lower().startswith("pain.001")
        account = original.find("DbtrAcct" if transfers else "CdtrAcct")
        if account is not None:
            self._statement.account = account.value("Id", "IBAN")
            self._statement.currency = account.value("Ccy")

    def _at(self, element: Element) -> str:
        return self._placed(element.place)

    def _placed(self, place: str) -> str:
        return f"{self._place}, {place}" if self._place else place


def _value(element: Element | None, *path: str) -> str | None:
    return reference(element.value(*path)) if element is not None else None


def _status_of(element: Element | None, name: str) -> str | None:
    return element.value(name) if element is not None else None


def _reason_of(*levels: Element | None) -> ReturnReason | None:
    """The reason of the payment, else of its batch or file."""
    for information in (one for level in levels if level is not None for one in level.all("StsRsnInf")):
        code = information.value("Rsn", "Cd") or information.value("Rsn", "Prtry")
        text = " ".join(one.text for one in information.all("AddtlInf"))
        if code or text:
            return returned(code, text)
    return returned(None, None)


def _amount_of(payment: Element | None) -> OriginalAmount | None:
    found = payment.find("OrgnlTxRef", "Amt", "InstdAmt") if payment is not None else None
    if found is None:
        return None
    currency = found.attributes.get("Ccy", "")
    return OriginalAmount(amount=amount_of(found.text, currency, found.place), currency=currency)
