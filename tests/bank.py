"""Months of an account as banks write them, and their import as the bus and the queue do it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from invoicing.bank.importing import MOST_ATTEMPTS
from tests.builders import customer_json, invoice_json
from tests.events import deliver, deliver_raw, details
from tests.forms import send_form
from tests.gateway import Client
from tests.uploads import put

IBAN = "DE75512108001245126199"
"""The account of the company in `builders.tenant`."""
PAYERS = ("DE02120300000000202051", "DE02500105170137075030", "AT611904300234573201")
PROFILE: dict[str, Any] = {
    "columns": {
        "booked_on": 1, "value_date": 2, "name": 3, "iban": 4, "remittance": 5, "amount": 6, "end_to_end_id": 7,
        "mandate_reference": 8, "payment_information_id": 9, "return_code": 10,
    }
}  # fmt: skip
"""The CSV profile of `csv_of`."""
GERMAN_REASONS = {"AC04": "902", "AM04": "906", "MD06": "912", "MS03": "914"}
"""Reasons of returns in the digits that German banks write in MT940."""


ANNOUNCED = "bank_statement.upload_requested"


class Movement(NamedTuple):
    """A booked movement."""

    day: date
    amount: Decimal
    text: str
    name: str = "Werft & Söhne AG"
    iban: str = PAYERS[0]
    end_to_end_id: str = ""
    batch: str = ""
    """The batch of direct debits that it is the money of."""
    mandate: str = ""
    returned: str = ""
    """The reason of a return."""
    original: Decimal | None = None
    """The amount of a returned debit without the charges of the bank."""
    reversal: bool = False
    """Whether the bank takes back a movement of its own."""
    details: tuple["Movement", ...] = ()
    """The payments of a batch, which only camt has."""
    charges: Decimal = Decimal()
    """Charges that the bank deducted from the only detail."""

    @property
    def parts(self) -> tuple["Movement", ...]:
        """The movements that camt has."""
        return self.details or (self,)


def batch_of(details: Sequence[Movement], charges: Decimal = Decimal()) -> Movement:
    """A batch that other formats have whole, without the payers; of one detail, the payment less charges."""
    amount = sum((one.amount for one in details), -charges)
    if len(details) > 1:
        return Movement(details[0].day, amount, "SAMMELGUTSCHRIFT", "", "", details=tuple(details))
    return details[0]._replace(amount=amount, details=(details[0]._replace(charges=charges),))


class Month(NamedTuple):
    """A statement to be written."""

    movements: Sequence[Movement]
    opening: Decimal = Decimal("1000.00")
    number: str = "1"
    iban: str = IBAN

    @property
    def closing(self) -> Decimal:
        """The balance after the last movement."""
        return self.opening + sum((one.amount for one in self.movements), Decimal())

    def part(self, first: int, last: int, number: str) -> "Month":
        """The statement of some of the movements, by their positions."""
        opening = self.opening + sum((one.amount for one in self.movements[:first]), Decimal())
        return self._replace(movements=self.movements[first:last], opening=opening, number=number)


def random_month(random: Random, size: int) -> Month:
    """Movements of a month, with twins of the same day, amount and text among them."""
    made: list[Movement] = []
    for number in range(size):
        if made and random.random() < 0.3:
            made.append(random.choice(made))
            continue
        day = date(2026, 3, 1) + timedelta(days=random.randrange(9))
        amount = Decimal(random.choice([-4.5, -12, 119, 238, 19.99])).quantize(Decimal("0.01"))
        text = f"Rechnung INV-2026-{random.randrange(5):06d} vom {day:%d.%m.} danke"
        reference = f"E2E-{number}" if random.random() < 0.5 else ""
        made.append(Movement(day, amount, text, iban=random.choice(PAYERS), end_to_end_id=reference))
    return Month(sorted(made, key=lambda one: one.day))


def busy_month(size: int) -> Month:
    """Payments of different customers on 20 days."""
    days = [date(2026, 3, 1) + timedelta(days=number * 20 // size) for number in range(size)]
    made = [Movement(day, Decimal("119.00"), f"INV-2026-{number:06d}", end_to_end_id=f"E2E-{number}")
            for number, day in enumerate(days)]  # fmt: skip
    return Month(made)


def zipped(*contents: bytes) -> bytes:
    """A ZIP with these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}", content)
    return made.getvalue()


def several(count: int) -> bytes:
    """A ZIP with this number of statements, each of one movement, that follow on each other."""
    month = random_month(Random(1), count)
    return zipped(*(camt_of(month.part(number, number + 1, str(number))) for number in range(count)))


def camt_of(month: Month, version: str = "053.001.08", status: str = "BOOK") -> bytes:
    """The month as camt.053."""
    first, last = _days(month)
    entries = "".join(_entry(one, status) for one in month.movements)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt>
<Id>S-{month.number}</Id><ElctrncSeqNb>{month.number}</ElctrncSeqNb><Acct><Id><IBAN>{month.iban}</IBAN></Id>
<Ccy>EUR</Ccy></Acct>{_balance("OPBD", month.opening, first)}{_balance("CLBD", month.closing, last)}{entries}
</Stmt></BkToCstmrStmt></Document>""".encode()


def _days(month: Month) -> tuple[date, date]:
    days = [one.day for one in month.movements] or [date(2026, 3, 1)]
    return min(days), max(days)


def _balance(code: str, amount: Decimal, day: date) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{_mark(amount)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _mark(amount: Decimal) -> str:
    return "CRDT" if amount >= 0 else "DBIT"


def _entry(one: Movement, status: str) -> str:
    details = "".join(_detail(part) for part in one.parts)
    mark = f"<CdtDbtInd>{_mark(one.amount)}</CdtDbtInd>{'<RvslInd>true</RvslInd>' if one.reversal else ''}"
    return (
        f'<Ntry><Amt Ccy="EUR">{abs(one.amount)}</Amt>{mark}'
        f"<Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>{one.day}</Dt></BookgDt><ValDt><Dt>{one.day}</Dt></ValDt>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _detail(one: Movement) -> str:
    role = "Dbtr" if (one.amount >= 0) != (one.reversal or one.returned != "") else "Cdtr"
    batch = f"<PmtInfId>{one.batch}</PmtInfId>" if one.batch else ""
    mandate = f"<MndtId>{one.mandate}</MndtId>" if one.mandate else ""
    instructed = f'<AmtDtls><InstdAmt><Amt Ccy="EUR">{one.original}</Amt></InstdAmt></AmtDtls>' if one.original else ""
    reason = f"<RtrInf><Rsn><Cd>{one.returned}</Cd></Rsn></RtrInf>" if one.returned else ""
    charges = f'<Chrgs><Rcrd><Amt Ccy="EUR">{one.charges}</Amt></Rcrd></Chrgs>' if one.charges else ""
    return (
        f"<TxDtls><Refs>{batch}<EndToEndId>{one.end_to_end_id or 'NOTPROVIDED'}</EndToEndId>{mandate}</Refs>"
        f'<Amt Ccy="EUR">{abs(one.amount)}</Amt><CdtDbtInd>{_mark(one.amount)}</CdtDbtInd>{instructed}{charges}'
        f"<RltdPties><{role}><Pty><Nm>{escape(one.name)}</Nm></Pty></{role}><{role}Acct><Id><IBAN>{one.iban}</IBAN></Id>"
        f"</{role}Acct></RltdPties><RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf>{reason}</TxDtls>"
    )


def mt940_of(month: Month) -> bytes:
    """The month as MT940, with the structured texts of German banks."""
    first, last = _days(month)
    rows = [":20:STARTUMS", f":25:{month.iban[4:12]}/{month.iban[12:]}", f":28C:{int(month.number):05d}/001"]
    rows.append(f":60F:{_signed(month.opening)[0]}{first:%y%m%d}EUR{_signed(month.opening)[1]}")
    for one in month.movements:
        mark, amount = _signed(one.amount)
        if one.reversal:
            mark = f"R{'D' if mark == 'C' else 'C'}"
        rows.append(f":61:{one.day:%y%m%d%m%d}{mark}R{amount},NTRFNONREF".replace(f"{amount},", amount))
        tags = {"EREF": one.end_to_end_id, "KREF": one.batch, "MREF": one.mandate}
        tags |= {"OAMT": _signed(one.original)[1] if one.original else "", "SVWZ": one.text}
        text = " ".join(f"{tag}+{value}" for tag, value in tags.items() if value)
        pieces = [text[start : start + 27] for start in range(0, len(text), 27)]
        fields = "".join(f"?{number}{piece}" for number, piece in enumerate(pieces, 20))
        party = f"?31{one.iban}?32{one.name}" if one.iban else ""
        kind, reason = ("109", f"?34{GERMAN_REASONS[one.returned]}") if one.returned else ("166", "")
        whole = f"{kind}?00GUTSCHRIFT{fields}{party}{reason}"
        rows.append(":86:" + "\r\n".join(whole[start : start + 65] for start in range(0, len(whole), 65)))
    rows += [f":62F:{_signed(month.closing)[0]}{last:%y%m%d}EUR{_signed(month.closing)[1]}", "-"]
    return "\r\n".join(rows).encode("cp1252")


def _signed(amount: Decimal) -> tuple[str, str]:
    return ("C" if amount >= 0 else "D"), f"{abs(amount):.2f}".replace(".", ",")


def csv_of(month: Month) -> bytes:
    """The month as a CSV file that `PROFILE` describes."""
    rows = ["Buchung;Valuta;Name;IBAN;Zweck;Betrag;Referenz;Mandat;Sammler;Grund"]
    for one in month.movements:
        day, references = f"{one.day:%d.%m.%Y}", (one.end_to_end_id, one.mandate, one.batch, one.returned)
        rows.append(";".join((day, day, one.name, one.iban, one.text, _german(one.amount), *references)))
    return "\r\n".join(rows).encode()


def _german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def feed(month: Month, first: int = 0) -> dict[str, Any]:
    """The body of a request that sends the month through the feed. The ids count its movements from `first` on."""
    sent = [
        {
            "external_id": f"X-{number}",
            "booked_on": f"{one.day}",
            "value_date": f"{one.day}",
            "direction": "credit" if one.amount >= 0 else "debit",
            "amount": f"{abs(one.amount)}",
            "currency": "EUR",
            "counterparty": {"name": one.name, "iban": one.iban} if one.iban else {},
            "remittance": one.text,
            **{name: value for name, value in _references(one).items() if value},
        }
        for number, one in enumerate(month.movements, first)
    ]
    return {"bank_account_id": "main", "transactions": sent}


def _references(one: Movement) -> dict[str, Any]:
    names = {"mandate_reference": one.mandate, "payment_information_id": one.batch}
    return {"end_to_end_id": one.end_to_end_id, **names, "return": one.returned and {"code": one.returned}}


def upload(api: Client, content: bytes, status: int = 202, **fields: Any) -> list[dict[str, Any]]:
    """The statements of an uploaded file, which are not imported yet."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    response = send_form(api, "/bank-statements", texts, [("statement", content, "application/octet-stream")])
    found: list[dict[str, Any]] = response.ok(status)["data"]
    return found


def statement_announced(content: bytes) -> dict[str, Any]:
    """The body of a request that announces a file."""
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def announce(api: Client, content: bytes, status: int = 202, **fields: Any) -> dict[str, Any]:
    """The upload form of an announced file, with its statement."""
    response: dict[str, Any] = api.post("/bank-statements/uploads", statement_announced(content) | fields).ok(status)
    return response


def announcing(api: Client) -> None:
    """Announce a file that never arrives."""
    announce(api, b"any")


def arriving(api: Client) -> str:
    """The event of S3 about an announced file of two statements."""
    content = several(2)
    return put(announce(api, content), content)


def arrive(upload: dict[str, Any], content: bytes) -> list[str]:
    """Let an announced file arrive and be read. Returns the messages that go back."""
    return deliver_raw("receive_bank_statement", put(upload, content))


def deliver_import(statement: dict[str, Any], received: int = 1) -> list[str]:
    """Deliver the last event that requests the import of a statement. Returns the messages that go back."""
    events = [one for one in details("bank_statement.uploaded") if one["resource"]["id"] == statement["id"]]
    return deliver("import_bank_statement", events[-1], received=received)


def imported(api: Client, content: bytes, **fields: Any) -> list[dict[str, Any]]:
    """The statements of a file after their import."""
    uploaded = upload(api, content, **fields)
    for one in uploaded:
        assert deliver_import(one) == []
    return [api.get(f"/bank-statements/{one['id']}").ok() for one in uploaded]


def transactions(api: Client, query: str = "") -> list[dict[str, Any]]:
    """All transactions of the tenant, oldest first."""
    found: list[dict[str, Any]] = api.get(f"/bank-transactions?order=asc&limit=100{query}").ok()["data"]
    return found


def cause_events(api: Client) -> None:
    """Transactions of a CSV file are completed by camt, the import of a statement fails, and one is allocated."""
    month = random_month(Random(3), 2)
    columns = {name: column for name, column in PROFILE["columns"].items() if name != "iban"}
    imported(api, csv_of(month), csv_profile={"columns": columns}, bank_account_id="main")
    imported(api, camt_of(month))
    announcing(api)
    content = several(2)
    assert arrive(announce(api, content), content) == []
    [failing] = upload(api, camt_of(month._replace(number="2")))
    assert deliver_import(failing, received=MOST_ATTEMPTS + 1) == []
    invoice = api.post("/invoices", invoice_json(customer_id=api.post("/customers", customer_json()).ok(201)["id"]))
    api.post(f"/invoices/{invoice.ok(201)['id']}/finalize").ok()
    path = f"/bank-transactions/{transactions(api, '&direction=credit')[0]['id']}/allocations"
    api.put(path.replace("allocations", "status"), {"status": "ignored", "reason": "other"}).ok()
    api.put(path.replace("allocations", "status"), {"status": "open"}).ok()
    allocated = api.post(path, {"allocations": [{"invoice_id": invoice.json["id"], "amount": "1.00"}]}).ok()
    api.delete(f"{path}/{allocated['allocations'][0]['payment_id']}").ok()


def partly_known(api: Client) -> Callable[[], list[str]]:
    """The delivery of a statement of three entries, one of them known from an overlapping one in another format."""
    month = random_month(Random(5), 3)
    imported(api, csv_of(month.part(0, 1, "1")), csv_profile=PROFILE, bank_account_id="main")
    [statement] = upload(api, camt_of(month))
    return lambda: deliver_import(statement)


def naming_transaction(api: Client, at: datetime, amount: str = "119.00") -> None:
    """A transaction that names an invoice, and that no rule matched yet."""
    draft = api.post("/invoices", invoice_json(customer_id=api.post("/customers", customer_json()).ok(201)["id"]))
    issued = api.post(f"/invoices/{draft.ok(201)['id']}/finalize").ok()
    body = feed(Month([Movement(at.date(), Decimal(amount), issued["number"], iban=PAYERS[1])]))
    body["transactions"][0]["external_id"] = issued["number"]
    api.post("/bank-transactions", body).ok()


def part_payment(api: Client) -> Callable[[], list[str]]:
    """The delivery of a transaction that pays a part of an invoice, which the tenant allocates by rule."""
    api.patch("/tenant", {"bank_matching": {"auto": "likely"}}).ok()
    naming_transaction(api, datetime(2026, 3, 2, tzinfo=UTC), "100.00")
    event = details("bank_transaction.received")[-1]
    return lambda: deliver("allocate_bank_transactions", event)
