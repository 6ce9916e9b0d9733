"""Readers of bank statements: tolerant of banks, strict with attackers, and named mistakes."""

import base64
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from invoicing.bank.reading import file
from invoicing.bank.reading.file import MOST_MEMBERS, read_file, text_of
from invoicing.bank.reading.statement import FoundStatement, NotReadable
from invoicing.tenants.csv_profile import CsvColumns, CsvProfile
from tests.bank import PROFILE as PROFILE_OF_TESTS
from tests.bank import camt_of, csv_of, mt940_of, random_month

SAMPLES = Path(__file__).parents[2].parent / "shared/oracles/samples"
ENTRY = '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>{more}</Ntry>'  # noqa: E501 — an element
DETAIL = '<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>{more}</TxDtls>'
CHARGES = '<Chrgs><Amt Ccy="EUR">26.00</Amt></Chrgs>'


def camt(entries: str, around: str = "") -> bytes:
    head = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id>'
    account = "<Acct><Id><IBAN>DE75512108001245126199</IBAN></Id></Acct>"
    return f"{around}{head}{account}{entries}</Stmt></BkToCstmrStmt></Document>".encode()


def only(content: bytes) -> FoundStatement:
    [statement] = read_file(content).statements
    return statement


def batch(amount: str, mark: str, *details: str) -> bytes:
    return camt(ENTRY.format(amount=amount, mark=mark, more=f"<NtryDtls>{''.join(details)}</NtryDtls>"))


def test_details_of_a_batch_have_their_own_amounts() -> None:
    """Hazard 1: 329.56 and 100, not twice 429.56."""
    found = only(batch("429.56", "CRDT", DETAIL.format(amount="329.56", more=""), DETAIL.format(amount="100", more="")))
    assert [str(one.amount) for one in found.entries] == ["329.56", "100.00"]


@pytest.mark.parametrize(("total", "mark"), [("1526", "DBIT"), ("1474", "CRDT")])
def test_charges_in_the_details_are_kept(total: str, mark: str) -> None:
    """Hazard 2: the bank takes 26 from a payment of 1,500, or beside it."""
    [entry] = only(batch(total, mark, DETAIL.format(amount="1500", more=CHARGES))).entries
    assert (entry.amount, entry.charges, abs(entry.effect)) == (Decimal(1500), Decimal(26), Decimal(total))


def test_a_batch_that_does_not_add_up_stays_whole() -> None:
    found = only(batch("500", "CRDT", *(DETAIL.format(amount="100", more="") for _ in range(2))))
    assert [str(one.amount) for one in found.entries] == ["500.00"]
    assert "do not add up" in found.problems[0].why


def test_only_the_mark_is_the_sign_of_an_entry() -> None:
    entries = ENTRY.format(amount="5", mark="DBIT", more="<RvslInd>true</RvslInd>")
    [entry] = only(camt(entries + ENTRY.format(amount="7", mark="CRDT", more="").replace("BOOK", "PDNG"))).entries
    assert (entry.direction, entry.reversal) == ("debit", True)


@pytest.mark.parametrize(
    "content",
    [
        camt("", '<!DOCTYPE x [<!ENTITY a "b">]>'),
        camt("<a>" * 62 + "</a>" * 62),
        camt("<a>"),
        b'<?xml version="1.0" encoding="x-none"?><a/>',
        b"<a/>",
        b"PK\x03\x04 broken",
        b"",
        b"\xff\xfe\x00",
    ],
    ids=["document type", "depth", "open", "encoding", "other XML", "broken ZIP", "empty", "UTF-16"],
)
def test_hostile_and_broken_files_are_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read_file(content)


def packed(members: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        {"inner.zip": packed({"a.xml": camt("")})},
        {f"{number}.xml": camt("") for number in range(MOST_MEMBERS + 1)},
        {"bomb.xml": b" " * (51 << 20)},
        {},
    ],
    ids=["nested", "many", "bomb", "none"],
)
def test_a_zip_has_bounds(members: Mapping[str, bytes]) -> None:
    with pytest.raises(NotReadable):
        read_file(packed(members))


@pytest.mark.parametrize("most", [3, 4])
def test_a_file_has_a_bound_of_entries(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Counted before they are read, in a ZIP together. The heading and empty lines of CSV files are none."""
    monkeypatch.setattr(file, "MOST_ENTRIES", most)
    month = random_month(Random(1), 4)
    two = {f"{number}": camt_of(month.part(number, number + 2, "1")) for number in (0, 2)}
    rows = csv_of(month)
    tables = (rows + b"\r\n\r\n", rows.replace(b"\r\n", b"\r"))
    for content in (camt_of(month), mt940_of(month), *tables, packed(two)):
        found = read_or_problem(content)
        assert found == (4 if most == 4 else 2 if content.startswith(b"PK") else "the file has more than 3 entries")


def read_or_problem(content: bytes) -> int | str:
    try:
        return sum(len(one.entries) for one in read_file(content, bank_profile()).statements)
    except NotReadable as error:
        return error.why


def bank_profile(**fields: Any) -> CsvProfile:
    return CsvProfile.model_validate({**PROFILE_OF_TESTS, **fields})


MT940 = """:20:X
:25:51210800/1245126199
:28C:7/1
:60F:C251230EUR100,00
{entries}
:62F:C251231EUR{closing}
"""


def mt940(entries: str, closing: str = "100,00") -> FoundStatement:
    return only(MT940.format(entries=entries, closing=closing).encode())


@pytest.mark.parametrize(
    ("movement", "booked_on", "signed"),
    [
        (":61:2512310102C10,NTRFNONREF", "2026-01-02", "10.00"),
        (":61:2601021231D10,5NTRFNONREF", "2025-12-31", "-10.50"),
        (":61:251231C10,00NTRFNONREF", "2025-12-31", "10.00"),
        (":61:2512311231RC1.234,56NTRFNONREF", "2025-12-31", "-1234.56"),
        (":61:2512311231RDR3,NTRF", "2025-12-31", "3.00"),
        (":61:2602301231CR10,00NTRFNONREF", "2025-12-31", "10.00"),
    ],
)
def test_an_mt940_entry_has_its_date_and_sign(movement: str, booked_on: str, signed: str) -> None:
    [entry] = mt940(movement).entries
    assert (f"{entry.booked_on}", f"{entry.signed}") == (booked_on, signed)


def test_pages_of_an_mt940_statement_are_one() -> None:
    first = MT940.format(entries=":61:2512311231C1,NTRF", closing="101,00").replace("62F", "62M")
    second = MT940.format(entries=":61:2512311231C2,NTRF", closing="103,00").replace(
        "60F:C251230EUR100", "60M:C251230EUR101"
    )
    found = only((first + second).encode())
    assert (len(found.entries), found.is_balanced) == (2, True)


def test_a_bad_mt940_line_fails_alone() -> None:
    found = mt940(":61:nonsense\n:61:2512311231C1,NTRF", "101,00")
    assert (len(found.entries), [one.place for one in found.problems]) == (1, ["line 5, :61:"])


def test_the_numbered_fields_of_german_banks_are_read() -> None:
    details = (
        "166?00GUTSCHRIFT?20EREF+E2E-1?21MREF+M-1?22SVWZ+Rechnung INV-2026-0000?2300123456 danke?30BYLADEM1001"
        "?31DE0212030000000\n0202051?32Werft und?33Soehne AG"
    )
    [entry] = mt940(f":61:2512311231C1,NTRFNONREF//B1\n:86:{details}", "101,00").entries
    assert (entry.end_to_end_id, entry.mandate_reference) == ("E2E-1", "M-1")
    assert entry.remittance == "Rechnung INV-2026-000000123456 danke"
    assert dict(entry.counterparty) == {
        "name": "Werft und Soehne AG",
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
    }
    assert (entry.code and entry.code.proprietary, entry.bank_reference) == ("NTRF+166", "B1")


def test_the_tags_of_dutch_banks_are_read() -> None:
    details = ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL71RABO0123456789/BIC/RABONL2U/NAME/J. Jansen/REMI/Factuur 7/EREF/E-7"
    [entry] = mt940(f":61:2512311231C1,NTRFNONREF\n{details}", "101,00").entries
    assert (entry.remittance, entry.end_to_end_id, entry.counterparty.name) == ("Factuur 7", "E-7", "J. Jansen")


def test_a_full_line_keeps_the_blank_at_its_end() -> None:
    """Banks cut the text at 65 characters, also between two words. Shorter lines are filled with blanks."""
    full = f"166?00GUTSCHRIFT?20{'A' * 27}?21INV-2026-000017 "
    assert len(full) == 65
    for lines in (f"{full}\ndanke", f"{full[:60]}     \n{full[60:]}danke"):
        [entry] = mt940(f":61:2512311231C1,NTRFNONREF\n:86:{lines}", "101,00").entries
        assert entry.remittance == f"{'A' * 27}INV-2026-000017 danke"


def test_text_is_utf_8_else_of_windows_or_dos() -> None:
    for encoding in ("utf-8", "cp1252", "cp850"):
        assert text_of("Müller Straße".encode(encoding)) == "Müller Straße"


PROFILE = CsvProfile(columns=CsvColumns(booked_on=1, amount=2, sign=3, remittance=4), sign="column")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("31.02.2026;1,00;H;x", "no date"),
        ("2026-03-02;1,00;H;x", "no date"),
        ("02.03.2026;one;H;x", "not a number"),
        ("02.03.2026;1,00;?;x", "neither"),
        ("02.03.2026;1,00", "no column"),
        (";1,00;H;x", "no date"),
    ],
)
def test_a_cell_that_does_not_fit_fails_its_row(row: str, why: str) -> None:
    content = f"Datum;Betrag;S/H;Text\n02.03.2026;1.234,50;S;y\n{row}\n".encode()
    [found] = read_file(content, PROFILE).statements
    assert [str(one.signed) for one in found.entries] == ["-1234.50"]
    assert (found.problems[0].place.startswith("row 3"), why in found.problems[0].why) == (True, True)


def test_columns_name_the_debit_that_is_returned() -> None:
    columns = CsvColumns(booked_on=1, amount=2, mandate_reference=3, payment_information_id=4, return_code=5)
    content = b"\n02.03.2026;-119,00;M-1;F-1-1;AC04\n02.03.2026;119,00;;F-1-1;\n02.03.2026;119,00;M-1;;0000"
    returned, *others = read_file(content, CsvProfile(columns=columns)).statements[0].entries
    assert (returned.mandate_reference, returned.payment_information_id) == ("M-1", "F-1-1")
    assert returned.returned is not None
    assert returned.returned.code == "AC04"
    assert [one.returned for one in others] == [None, None]


def test_truncated_and_changed_files_never_raise_other_errors() -> None:
    random = Random(7)
    month = random_month(random, 4)
    for content in (camt_of(month), mt940_of(month)):
        for _ in range(150):
            broken = bytearray(content[: random.randrange(len(content))])
            for _ in range(random.randrange(4)):
                if broken:
                    broken[random.randrange(len(broken))] = random.randrange(256)
            try:
                read_file(bytes(broken), PROFILE)
            except NotReadable:
                continue


CAMT = sorted(SAMPLES.glob("camt-genkgo/*.json"))
NAMED_CAMT = {
    "camt052.v2.with-account-name": "no date",
    "camt054.v2.with-account-name": "no date",
    "camt054.v8-with-UETR": "no date",
    "camt054.v8-with-financial-institution": "no date",
}
"""Samples whose entry is not read, and why: it has no date at all."""


def test_no_public_sample_is_left_out() -> None:
    if not SAMPLES.exists():
        pytest.skip("the public samples are not on this machine")
    read = {*MT940_FILES, *CAMT, *(one.with_suffix(".xml") for one in CAMT), SAMPLES / "camt-genkgo" / WRONG_CAMT}
    expected = {one.with_suffix(".yml") for one in MT940_FILES} | {SAMPLES / "mt940-wolph" / DUMP_WITHOUT_SAMPLE}
    about = {"LICENSE", "SOURCE.txt"}
    assert {one for one in SAMPLES.rglob("*.*") if one.name not in about} <= read | expected


WRONG_CAMT = "camt053.v2.wrong.xml"
DUMP_WITHOUT_SAMPLE = "self-provided/transaction_details.yml"


def decoded(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Minor units, dates and, with a single detail, end-to-end id and text of an entry in a decoded sample."""
    texts = (None, None)
    if len(entry["getTransactionDetails"]) == 1:
        detail = entry["getTransactionDetail"]
        written = detail["getRemittanceInformation"] and detail["getRemittanceInformation"]["getUnstructuredBlock"]
        reference = detail["getReference"] and detail["getReference"]["getEndToEndId"]
        texts = (None if reference == "NOTPROVIDED" else reference, written and written["getMessage"])
    dates = [(entry[name] or {}).get("0", "None")[:10] for name in ("getBookingDate", "getValueDate")]
    return (int(entry["getAmount"]["getAmount"]), *dates, *texts)


def parties(entry: Mapping[str, Any]) -> set[tuple[str | None, str | None]]:
    """Name and account of the other party of a single detail: the payer of a credit, the payee of a debit."""
    details = entry["getTransactionDetails"]
    if len(details) != 1:
        return {(None, None)}
    role = "Debtor" if entry["getCreditDebitIndicator"] == "CRDT" else "Creditor"
    found = {
        one["getRelatedPartyType"]["__CLASS__"].rpartition("\\")[2]: (
            one["getRelatedPartyType"]["getName"],
            one["getAccount"] and one["getAccount"]["getIdentification"],
        )
        for one in entry["getTransactionDetail"]["getRelatedParties"]
    }
    return {found.get(role) or found.get(f"Ultimate{role}") or (None, None)}


def balances(entry: Mapping[str, Any]) -> dict[str, Decimal]:
    """The balances before and after the entries of a decoded statement. The dump can have one twice."""
    found = entry["getRecord"].get("getBalances") or []
    wanted = [one for one in reversed(found) if one["getType"] in ("opening", "closing")]
    return {one["getType"]: Decimal(one["getAmount"]["getAmount"]) / 100 for one in wanted}


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not on this machine")
def test_public_camt_samples_read_as_decoded() -> None:
    assert CAMT
    for path in CAMT:
        statements = read_file(path.with_suffix(".xml").read_bytes()).statements
        problems = [one.why for statement in statements for one in statement.problems]
        if path.stem in NAMED_CAMT:
            assert any(NAMED_CAMT[path.stem] in why for why in problems), path.name
            continue
        expected = [one for one in json.loads(path.read_text())["getEntries"] if one["getStatus"] != "PDNG"]
        read = [entry for statement in statements for entry in statement.entries]
        # The dump of two statements has the entry of one.
        assert len(read) == len(expected) + ("multi" in path.stem), path.name
        for ours, theirs in zip(read[-len(expected) :], expected, strict=False):
            units, day, value_date, reference, text = decoded(theirs)
            assert (f"{ours.booked_on}", round(ours.signed * 100)) == (day, units), path.name
            assert f"{ours.value_date}" == value_date, path.name
            assert {(ours.counterparty.name, ours.counterparty.iban)} == parties(theirs), path.name
            last = {"opening": statements[-1].opening, "closing": statements[-1].closing}
            assert {name: one.amount for name, one in last.items() if one} == balances(theirs), path.name
            assert ours.end_to_end_id == reference, path.name
            assert text is None or ours.remittance == text, path.name
    with pytest.raises(NotReadable):
        read_file((SAMPLES / "camt-genkgo" / WRONG_CAMT).read_bytes())


MT940_FILES = sorted([*SAMPLES.glob("mt940-wolph/*/*.sta"), *SAMPLES.glob("mt940-wolph/*/*.txt")])


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not on this machine")
def test_public_mt940_samples_read_or_name_why_not() -> None:
    """Each block by itself. `mt-940` reads 74 that add up, and raises for 4; files of single tags are no statement."""
    balanced: Counter[bool | None] = Counter()
    refused = []
    for path in MT940_FILES:
        try:
            statements = read_file(path.read_bytes()).statements
        except NotReadable:
            refused.append(path.stem)
            assert ":20:" not in path.read_text(errors="replace") or ":25:" not in path.read_text(errors="replace")
            continue
        balanced.update(one.is_balanced for one in statements)
        expected = path.with_suffix(".yml")
        if expected.exists():
            # The dump has reversed credits as credits; the balances show that they are debits.
            dumped = Counter(_dumped(yaml.compose(expected.read_text(errors="replace"), yaml.BaseLoader), set()))
            read = Counter((entry.value_date, entry.amount) for one in statements for entry in one.entries)
            assert dumped <= read or any(one.problems for one in statements), path.name
            assert path.name in NAMED_MT940 or read.total() >= dumped.total(), path.name
    assert (len(refused), balanced) == (19, {True: 71, False: 16, None: 4})


NAMED_MT940 = {"mt940.sta": "one of its blocks is in marks, which are no currency today"}


def _dumped(node: yaml.Node, seen: set[int]) -> Iterator[tuple[date, Decimal]]:
    """Value date and amount of the transactions in the dump of `mt-940`, whose objects refer to each other."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    if node.tag.endswith("models.Transaction"):
        fields = _fields(_fields(node)["data"])
        if "amount" in fields:
            yield _day(fields["date"]), abs(Decimal(_fields(fields["amount"])["amount"].value[0].value))
    for one in node.value:
        for child in one if isinstance(one, tuple) else (one,):
            yield from _dumped(child, seen)


def _fields(node: yaml.Node) -> dict[str, yaml.Node]:
    return {name.value: value for name, value in node.value}


def _day(node: yaml.Node) -> date:
    """A date as Python pickles it."""
    high, low, month, day = base64.b64decode(node.value[0].value)
    return date(high * 256 + low, month, day)
