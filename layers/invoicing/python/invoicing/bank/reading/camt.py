"""camt.052, camt.053 and camt.054 of all versions, never checked against their schema: many files of banks break it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from invoicing.bank.entry import (
    LONGEST_NAME,
    LONGEST_REMITTANCE,
    BankTransactionCode,
    Counterparty,
    Direction,
    FoundEntry,
    OriginalAmount,
    ReplacedEntry,
    ReturnReason,
    line,
    reference,
    returned,
)
from invoicing.bank.reading.returns import GERMAN_RETURNS, german_reason
from invoicing.bank.reading.statement import (
    FoundBalance,
    FoundStatement,
    NotReadable,
    Reading,
    StatementFormat,
    amount_of,
)
from invoicing.bank.reading.xml import Element, parse

_FORMATS: dict[str, StatementFormat] = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}
_MESSAGES = {"BkToCstmrAcctRpt": "Rpt", "BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt(content: bytes, place: str) -> Reading:
    """The statements of a camt file. Raises `NotReadable` for XML that is none."""
    reader = _Reader(place)
    parse(content, reader.begin, reader.take)
    if not reader.statements:
        why = "the message has no statement" if reader.is_camt else "the XML is no camt.052, camt.053 or camt.054"
        raise NotReadable(place or "line 1", why)
    return Reading(reader.statements)


class _Reader:
    """Reads entry by entry, so that a large file is never in memory as a whole tree."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.statements: list[FoundStatement] = []
        self.is_camt = False

    def begin(self, element: Element, around: Sequence[Element]) -> None:
        """A statement begins with its element in a message."""
        if _part_of(element.name) is not None:
            self.is_camt = True
        elif around and _part_of(around[-1].name) == element.name:
            self.statements.append(FoundStatement(self._at(element.place), _FORMATS[element.name]))

    def take(self, element: Element) -> bool:
        """Read an entry or the rest of a statement at its end."""
        if not self.statements:
            return False
        if element.name == "Ntry":
            self._read_entry(element)
            return True
        if element.name in _FORMATS:
            self._read_head(element)
        return False

    def _at(self, place: str) -> str:
        return f"{self._place}, {place}" if self._place else place

    def _read_entry(self, element: Element) -> None:
        statement = self.statements[-1]
        if _status(element) not in (None, "BOOK"):
            statement.pending += 1
            return
        try:
            statement.entries += _transactions(element, statement)
        except NotReadable as error:
            statement.problems.append(NotReadable(self._at(error.place), error.why))

    def _read_head(self, element: Element) -> None:
        statement = self.statements[-1]
        account = element.find("Acct")
        if account is not None:
            statement.account = account.value("Id", "IBAN") or account.value("Id", "Othr", "Id")
            statement.currency = account.value("Ccy")
        numbers = (element.value(name) for name in ("LglSeqNb", "ElctrncSeqNb", "Id"))
        statement.number = line(next((one for one in numbers if one), None))
        statement.first_day = _day(element.find("FrToDt", "FrDtTm"))
        statement.last_day = _day(element.find("FrToDt", "ToDtTm"))
        statement.opening = self._balance(element, _OPENING)
        statement.closing = self._balance(element, _CLOSING)
        if statement.currency is None and statement.closing is not None:
            statement.currency = statement.closing.currency
        if statement.entries and statement.opening and statement.closing:
            # The period of a message can be that of its creation; its balances and entries are not.
            statement.first_day = statement.last_day = None

    def _balance(self, element: Element, codes: Sequence[str]) -> FoundBalance | None:
        for balance in element.all("Bal"):
            if balance.value("Tp", "CdOrPrtry", "Cd") in codes:
                try:
                    amount, currency = _money(balance.find("Amt"))
                    signed = amount if _direction(balance) == "credit" else -amount
                except NotReadable as error:
                    self.statements[-1].problems.append(NotReadable(self._at(error.place), error.why))
                    return None
                return FoundBalance(signed, currency, _day(balance.find("Dt")))
        return None


def _part_of(message: str) -> str | None:
    """The name of the statements in a message. The first versions have their number in the name of the message."""
    return _MESSAGES.get(message.removesuffix("V01"))


def _status(element: Element) -> str | None:
    """The status: a code of its own since version 8, a text before."""
    return element.value("Sts", "Cd") or element.value("Sts")


def _direction(element: Element) -> Direction:
    match element.value("CdtDbtInd"):
        case "CRDT":
            return "credit"
        case "DBIT":
            return "debit"
    raise NotReadable(element.place, "it is marked neither as credit nor as debit")


def _money(element: Element | None) -> tuple[Decimal, str]:
    """An amount that is not negative, and its currency."""
    if element is None:
        raise NotReadable("an entry", "an amount is missing")
    currency = element.attributes.get("Ccy", "")
    amount = amount_of(element.text, currency, element.place)
    if amount < 0:
        raise NotReadable(element.place, "an amount is negative")
    return amount, currency


def _day(element: Element | None) -> date | None:
    """The date of an element: its own text, or that of its `Dt` or `DtTm`; the day as written, without a zone."""
    if element is None:
        return None
    text = element.value("Dt") or element.value("DtTm") or element.text
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise NotReadable(element.place, "a date does not exist") from None


def _transactions(element: Element, statement: FoundStatement) -> list[FoundEntry]:
    """An entry as one transaction, or as one for each of its details if their amounts add up to the entry."""
    amount, currency = _money(element.find("Amt"))
    direction, value_date = _direction(element), _day(element.find("ValDt"))
    booked_on = _day(element.find("BookgDt")) or value_date
    if booked_on is None:
        raise NotReadable(element.place, "the entry has no date")
    entry: dict[str, Any] = {
        "booked_on": booked_on,
        "value_date": value_date,
        "direction": direction,
        "amount": amount,
        "currency": currency,
        "reversal": element.value("RvslInd") in ("true", "1"),
        "bank_reference": line(element.value("AcctSvcrRef")),
        "code": _code(element),
    }
    details = [one for group in element.all("NtryDtls") for one in group.all("TxDtls")]
    texts = line(element.value("AddtlNtryInf"), LONGEST_REMITTANCE)
    if not details:
        group = element.find("NtryDtls", "Btch")
        batch = {"payment_information_id": group and _batch_id(group)}
        return [FoundEntry(**entry | batch, remittance=texts)]
    parts = [_detailed(entry, one, texts if len(details) == 1 else None) for one in details]
    split = _adding_up(parts, details, element, FoundEntry(**entry).signed)
    if split is not None:
        return _replacing(split, FoundEntry(**entry).signed)
    if len(details) == 1:
        return [FoundEntry(**_original(parts[0]) | {"amount": amount, "currency": currency, "direction": direction})]
    why = "the details do not add up to the entry, so it is one transaction"
    statement.problems.append(NotReadable(element.place, why))
    return [FoundEntry(**entry, remittance=texts)]


def _adding_up(
    parts: list[dict[str, Any]], details: Sequence[Element], element: Element, total: Decimal
) -> list[FoundEntry] | None:
    """The transactions of an entry if they, less the charges that the file states, are its amount; else None."""
    currency = _money(element.find("Amt"))[1]
    if any("amount" not in part or part["currency"] != currency for part in parts):
        return None
    entries = [FoundEntry(**part) for part in parts]
    rest = sum((one.signed for one in entries), Decimal()) - total
    if not rest:
        return entries
    stated = [_charges(one, currency) for one in details]
    if rest > 0 and sum(stated) == rest:
        return [one.model_copy(update={"charges": own or None}) for one, own in zip(entries, stated, strict=True)]
    if rest > 0 and _charges(element, currency) == rest:
        return [entries[0].model_copy(update={"charges": rest}), *entries[1:]]
    return None


def _original(part: dict[str, Any]) -> dict[str, Any]:
    """The only detail of an entry with another amount: its own amount is the original one, unless it states that."""
    if "amount" not in part or "original_amount" in part:
        return part
    return part | {"original_amount": OriginalAmount(amount=part["amount"], currency=part["currency"])}


def _replacing(parts: list[FoundEntry], total: Decimal) -> list[FoundEntry]:
    """The details of an entry. The first one knows it, unless they are the same: other formats have it whole."""
    if len(parts) == 1 and parts[0].signed == total:
        return parts
    return [parts[0].model_copy(update={"batch": ReplacedEntry(signed=total, details=len(parts))}), *parts[1:]]


def _charges(element: Element, currency: str) -> Decimal:
    """The charges that an entry or a detail states in a currency."""
    found = Decimal()
    for charges in element.all("Chrgs"):
        records = list(charges.all("Rcrd")) or [charges]
        total = charges.find("TtlChrgsAndTaxAmt")
        amounts = [total] if total is not None else [one.find("Amt") for one in records]
        for one in amounts:
            amount, of = _money(one)
            found += amount if of == currency else 0
    return found


def _detailed(entry: dict[str, Any], detail: Element, texts: str | None) -> dict[str, Any]:
    """The fields of one detail of an entry. Without `amount` if it has none of its own."""
    direction = _direction(detail) if detail.find("CdtDbtInd") is not None else entry["direction"]
    fields = {name: value for name, value in entry.items() if name != "amount"} | {"direction": direction}
    own = detail.find("Amt") or detail.find("AmtDtls", "TxAmt", "Amt")
    if own is not None:
        fields["amount"], fields["currency"] = _money(own)
    instructed = detail.find("AmtDtls", "InstdAmt", "Amt")
    if instructed is not None:
        amount, currency = _money(instructed)
        if (amount, currency) != (fields.get("amount", entry["amount"]), fields["currency"]):
            fields["original_amount"] = OriginalAmount(amount=amount, currency=currency)
    code = _code(detail) or entry["code"]
    reason = _return(detail, code)
    is_payer = (direction == "credit") != (entry["reversal"] or reason is not None)
    references = detail.find("Refs") or Element("Refs", detail.line, {})
    written = " ".join(one.text for part in detail.all("RmtInf") for one in part.all("Ustrd") if one.text)
    return fields | {
        "counterparty": _counterparty(detail, payer=is_payer),
        "remittance": line(written or detail.value("AddtlTxInf"), LONGEST_REMITTANCE) or texts,
        "structured_reference": reference(detail.value("RmtInf", "Strd", "CdtrRefInf", "Ref")),
        "end_to_end_id": reference(references.value("EndToEndId")),
        "mandate_reference": reference(references.value("MndtId")),
        "payment_information_id": _batch_id(references),
        "bank_reference": line(references.value("AcctSvcrRef")) or entry["bank_reference"],
        "code": code,
        "return": reason,
    }


def _counterparty(detail: Element, *, payer: bool) -> Counterparty:
    """The other party: who paid a credit, or was paid by a debit; of a return, who would have been."""
    role = "Dbtr" if payer else "Cdtr"
    parties = detail.find("RltdPties") or Element("RltdPties", detail.line, {})
    agents = detail.find("RltdAgts") or Element("RltdAgts", detail.line, {})
    names = ((role, "Nm"), (role, "Pty", "Nm"), (f"Ultmt{role}", "Nm"), (f"Ultmt{role}", "Pty", "Nm"))
    account, agent = f"{role}Acct", f"{role}Agt"
    bics = ((agent, "FinInstnId", "BICFI"), (agent, "FinInstnId", "BIC"))
    iban = parties.value(account, "Id", "IBAN") or parties.value(account, "Id", "Othr", "Id")
    return Counterparty(
        name=line(_first(parties, names), LONGEST_NAME),
        iban=line("".join(iban.split()), 34) if iban else None,
        bic=line(_first(agents, bics), 11),
    )


def _first(element: Element, paths: Sequence[Sequence[str]]) -> str | None:
    return next((found for path in paths if (found := element.value(*path))), None)


def _batch_id(references: Element) -> str | None:
    """The batch that a payment was ordered with. Some banks state the file only."""
    return reference(references.value("PmtInfId")) or reference(references.value("MsgId"))


def _return(detail: Element, code: BankTransactionCode | None) -> ReturnReason | None:
    """The reason of a return: as stated, else in the codes of German banks (`NRTI+109+7186+914`)."""
    information = detail.find("RtrInf")
    if information is not None:
        stated = information.value("Rsn", "Cd") or information.value("Rsn", "Prtry")
        return returned(stated, " ".join(one.text for one in information.all("AddtlInf")))
    _, *parts = ((code and code.proprietary) or "").split("+")
    if parts and parts[0] in GERMAN_RETURNS:
        return german_reason(parts[2] if len(parts) > 2 else None, detail.value("AddtlTxInf"))
    return None


def _code(element: Element) -> BankTransactionCode | None:
    code = element.find("BkTxCd")
    if code is None:
        return None
    return BankTransactionCode(
        domain=line(code.value("Domn", "Cd")),
        family=line(code.value("Domn", "Fmly", "Cd")),
        subfamily=line(code.value("Domn", "Fmly", "SubFmlyCd")),
        proprietary=line(code.value("Prtry", "Cd")),
    )
