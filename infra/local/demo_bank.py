"""Three invoices and a statement of the bank that pays them: two are found by rule, one is suggested."""

import base64
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from infra.local.bank import line_of
from infra.local.demo_job import Job, require, wait_for
from infra.local.demo_sale import issue, new_customer

_OPENING = Decimal("5230.18")


class _Payer(NamedTuple):
    name: str
    named: str
    """The name in the statement, as banks write it."""
    iban: str
    net: str
    text: str
    """The text of the transfer, with the number of the invoice, or the number as people type it."""


_PAYERS = (
    _Payer(
        "Bäckerei Süß & Söhne OHG",
        "BAECKEREI SUESS + SOEHNE OHG",
        "DE02500105170137075030",
        "400.00",
        "Rechnung {number} vielen Dank",
    ),
    _Payer("Elbkontor GmbH", "ELBKONTOR GMBH", "AT611904300234573201", "250.00", "re nr. {typed}"),
    _Payer("Gartenbau Petersen", "PETERSEN GARTENBAU", "FR1420041010050500013M02606", "180.00", "Danke, gern wieder"),
)
_REASONS = {
    "document_number": "the text has its number",
    "amount_due": "exactly the amount due",
    "name_alike": "the payer has a name like the customer's",
}
"""The reasons that the statement causes, in words."""


class _Credit(NamedTuple):
    payer: _Payer
    amount: Decimal
    text: str


def three_invoices(job: Job) -> str:
    """Issue an invoice to each of three customers."""
    job.sold = [issue(job, new_customer(job, one.name), one.net) for one in _PAYERS]
    return "\n".join(f"{one['number']}  {one['due']:>7} EUR  {one['customer_name']}" for one in job.sold)


def statement(job: Job) -> str:
    """Import the statement of the day on which all three are paid."""
    [account, *_] = job.ask("GET", "/tenant")["bank_accounts"]
    credits_ = [_credit(one, invoice) for one, invoice in zip(_PAYERS, job.sold, strict=True)]
    content = _camt(account["iban"], job.today, credits_)
    uploaded = job.ask("POST", "/bank-statements", {"content": base64.b64encode(content).decode()})
    require(not uploaded["problems"], f"The statement cannot be read: {uploaded['problems']}")
    [one] = uploaded["data"]

    def look() -> dict[str, Any] | None:
        imported: dict[str, Any] = job.ask("GET", f"/bank-statements/{one['id']}")
        return imported if imported["status"] in ("done", "failed") else None

    job.statement = wait_for("The import of the statement", look)
    require(job.statement["balanced"] is True and job.statement["new"] == 3, line_of(job.statement))
    return (
        f"{job.statement['format']}, {job.statement['new']} transactions; adds up from "
        f"{job.statement['opening_balance']} to {job.statement['closing_balance']} EUR"
    )


def found(job: Job) -> str:
    """Wait until a rule has allocated the transactions that name an invoice."""

    def look() -> list[dict[str, Any]] | None:
        certain = _transactions(job, status="allocated", confidence="certain")
        return certain if len(certain) == 2 else None

    return "\n".join(_found_line(job, one) for one in wait_for("The allocation by rule", look))


def _found_line(job: Job, transaction: dict[str, Any]) -> str:
    [allocation] = transaction["allocations"]
    invoice = job.ask("GET", f"/invoices/{allocation['target_id']}")
    require(allocation["by"] == "rule" and invoice["status"] == "paid", f"No rule paid {invoice['number']}.")
    return f"{invoice['number']}  {allocation['amount']:>7} EUR  paid, certain: {_words(allocation['why'])}"


def suggested(job: Job) -> str:
    """Retrieve the transaction that names no invoice. It stays open until a user confirms the suggestion."""
    [left] = _transactions(job, status="open")
    [suggestion] = job.ask("GET", f"/bank-transactions/{left['id']}")["suggestions"]
    [document] = suggestion["documents"]
    invoice = job.ask("GET", f"/invoices/{document['invoice_id']}")
    require(invoice["id"] == job.sold[2]["id"] and invoice["status"] == "open", "Another invoice is suggested.")
    return (
        f"{invoice['number']}  {document['amount']:>7} EUR  open, {suggestion['confidence']}: "
        f"{_words(suggestion['why'])}"
    )


def _transactions(job: Job, **filters: str) -> list[dict[str, Any]]:
    query = urlencode({"statement_id": job.statement["id"], "order": "asc", **filters})
    listed: list[dict[str, Any]] = job.ask("GET", f"/bank-transactions?{query}")["data"]
    return listed


def _words(why: Iterable[str]) -> str:
    return ", ".join(_REASONS.get(one, one.replace("_", " ")) for one in why)


def _credit(payer: _Payer, invoice: dict[str, Any]) -> _Credit:
    number = invoice["number"]
    text = payer.text.format(number=number, typed=number.lower().replace("-", " "))
    return _Credit(payer, Decimal(invoice["due"]), text)


def _camt(iban: str, day: date, received: list[_Credit]) -> bytes:
    """The statement as banks write it: camt.053.001.08, with the balances before and after."""
    closing = _OPENING + sum((one.amount for one in received), Decimal())
    entries = "".join(_entry(one, day, number) for number, one in enumerate(received, 1))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>DEMO-{day:%Y%m%d}</MsgId><CreDtTm>{day}T18:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>DEMO-{day:%Y%m%d}-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>{day}T18:00:00Z</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
{_balance("OPBD", _OPENING, day)}{_balance("CLBD", closing, day)}{entries}</Stmt></BkToCstmrStmt></Document>
""".encode()


def _balance(code: str, amount: Decimal, day: date) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _entry(one: _Credit, day: date, number: int) -> str:
    code = "<Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
    return f"""<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{one.amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><BkTxCd>{code}</BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">{one.amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>{escape(one.payer.named)}</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>{one.payer.iban}</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
