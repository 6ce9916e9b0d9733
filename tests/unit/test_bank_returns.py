"""Readers of returned and rejected payments: camt, MT940 and pain.002."""

from decimal import Decimal
from typing import Any

import pytest

from invoicing.bank.entry import Rejection
from invoicing.bank.reading.file import read_file
from tests.unit.test_bank_readers import SAMPLES, batch, camt, mt940, only

RETURN = "<RtrInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>account</AddtlInf><AddtlInf>blocked</AddtlInf></RtrInf>"
REFERENCES = "<Refs><EndToEndId>E2E-1</EndToEndId><MndtId>M-1</MndtId></Refs>"
AMOUNTS = (
    '<AmtDtls><InstdAmt><Amt Ccy="EUR">{instructed}</Amt></InstdAmt>'
    '<TxAmt><Amt Ccy="EUR">{moved}</Amt></TxAmt></AmtDtls>'
)
FEE = '<Chrgs><Rcrd><Amt Ccy="EUR">3.00</Amt></Rcrd></Chrgs>'


@pytest.mark.parametrize(
    ("moved", "fee", "amount", "original", "charges"),
    [
        ("119.00", FEE, "119.00", None, "3.00"),
        ("122.00", "", "122.00", "119.00", None),
        ("122.00", FEE, "122.00", "119.00", None),
        ("119.00", "", "122.00", "119.00", None),
    ],
)
def test_a_returned_debit_keeps_its_original_amount(
    moved: str, fee: str, amount: str, original: str | None, charges: str | None
) -> None:
    """Hazard 11: the bank takes 122 for a debit of 119, and files state the 3 in four ways."""
    parts = REFERENCES + AMOUNTS.format(instructed="119.00", moved=moved) + fee + RETURN.format(code="AC06")
    [entry] = only(batch("122.00", "DBIT", f"<TxDtls>{parts}</TxDtls>")).entries
    assert entry.returned is not None
    assert dict(entry.returned) == {"code": "AC06", "reason": "account blocked"}
    assert (entry.end_to_end_id, entry.mandate_reference) == ("E2E-1", "M-1")
    found = entry.original_amount and str(entry.original_amount.amount)
    assert (str(entry.amount), found, entry.charges and str(entry.charges)) == (amount, original, charges)
    assert entry.effect == Decimal("-122.00")


@pytest.mark.parametrize("code", ["0000", "ACSC", "ACCP"])
def test_a_success_is_no_return(code: str) -> None:
    [entry] = only(batch("119", "CRDT", f"<TxDtls>{REFERENCES}{RETURN.format(code=code)}</TxDtls>")).entries
    assert entry.returned is None


@pytest.mark.parametrize(
    ("group", "batch_id"),
    [
        ("<Btch><MsgId>F-1</MsgId><PmtInfId>F-1-1</PmtInfId></Btch>", "F-1-1"),
        ("<Btch><MsgId>F-1</MsgId></Btch>", "F-1"),
        ("<TxDtls><Refs><MsgId>F-1</MsgId></Refs></TxDtls>", "F-1"),
        ("<TxDtls><Refs><MsgId>F-1</MsgId><PmtInfId>F-1-1</PmtInfId></Refs></TxDtls>", "F-1-1"),
    ],
)
def test_a_batch_is_known_by_its_id_or_its_file(group: str, batch_id: str) -> None:
    [entry] = only(batch("238", "CRDT", group)).entries
    assert entry.payment_information_id == batch_id


def test_german_codes_replace_a_missing_reason() -> None:
    code = "<BkTxCd><Prtry><Cd>NRTI+109+7186+914</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    [entry] = only(batch("119", "DBIT", f"<TxDtls>{REFERENCES}{code}</TxDtls>")).entries
    assert entry.returned is not None
    assert entry.returned.code == "MS03"


@pytest.mark.parametrize(
    ("more", "code", "original"),
    [
        ("?23SVWZ+RETURN/REFUND?24OAMT+119,00?34912", "MD06", "119.00"),
        ("?23OAMT+EUR 119,00?24COAM+EUR 3,00?34901", "AC01", "119.00"),
        ("?23SVWZ+RUECKLASTSCHRIFT AC04 KONTO AUFGELOEST", "AC04", None),
        ("?23SVWZ+Ruecklastschrift?34911", "911", None),
        ("?23SVWZ+Ruecklastschrift?24OAMT+none", "NARR", None),
        ("?23OAMT+XYZ119,00", "NARR", None),
        ("?23OAMT+122,00", "NARR", None),
    ],
)
def test_an_mt940_return_has_its_reason(more: str, code: str, original: str | None) -> None:
    details = f":86:109?00RUECKLASTSCHRIFT?20EREF+E2E-1?21KREF+F-1-1?22MREF+M-1{more}"
    [entry] = mt940(f":61:2512311231D122,NRTINONREF\n{details}", "0,00").entries
    assert entry.returned is not None
    assert (entry.returned.code, entry.end_to_end_id, entry.mandate_reference) == (code, "E2E-1", "M-1")
    assert (entry.original_amount and str(entry.original_amount.amount)) == original
    assert entry.payment_information_id == "F-1-1"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the public samples are not on this machine")
def test_public_mt940_samples_give_the_reasons_of_returns() -> None:
    reasons: dict[str, set[str]] = {}
    for path in sorted(SAMPLES.glob("mt940-wolph/betterplace/sepa_*.sta")):
        for entry in (entry for one in read_file(path.read_bytes()).statements for entry in one.entries):
            if entry.returned is not None:
                reasons.setdefault(entry.returned.code, set()).add((entry.returned.reason or "")[:7])
    assert reasons == {"MS03": {"Grund n"}, "AC01": {"IBAN un"}, "AC06": {"Konto g"}}


def pain002(group: str = "", *batches: str, name: str = "CstmrPmtStsRpt", of: str = "pain.008.001.08") -> bytes:
    head = "<GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-03-09T08:00:00</CreDtTm></GrpHdr>"
    original = f"<OrgnlMsgId>F-1</OrgnlMsgId><OrgnlMsgNmId>{of}</OrgnlMsgNmId>{group}"
    report = f"<{name}>{head}<OrgnlGrpInfAndSts>{original}</OrgnlGrpInfAndSts>{''.join(batches)}</{name}>"
    return f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">{report}</Document>'.encode()


def of_batch(*payments: str, status: str = "") -> str:
    inside = "".join(payments)
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>F-1-1</OrgnlPmtInfId>{status}{inside}</OrgnlPmtInfAndSts>"


def payment(number: int, status: str = "<TxSts>RJCT</TxSts>", code: str = "AC01") -> str:
    reference = (
        '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">119</InstdAmt></Amt><MndtRltdInf><MndtId>M-1</MndtId></MndtRltdInf>'
        "<DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct>"
        "<CdtrAcct><Id><IBAN>DE75512108001245126199</IBAN></Id></CdtrAcct></OrgnlTxRef>"
    )
    reason = f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>wrong</AddtlInf></StsRsnInf>" if code else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>E2E-{number}</OrgnlEndToEndId>{status}{reason}{reference}</TxInfAndSts>"


def rejections(content: bytes) -> list[Rejection]:
    return only(content).rejections


def test_a_rejected_payment_has_its_ids_and_reason() -> None:
    statement = only(pain002("<GrpSts>PART</GrpSts>", of_batch(payment(1), payment(2, "<TxSts>ACCP</TxSts>"))))
    [found] = statement.rejections
    given: dict[str, Any] = found.model_dump(mode="json")
    assert given == {
        "message_id": "F-1",
        "payment_information_id": "F-1-1",
        "end_to_end_id": "E2E-1",
        "mandate_reference": "M-1",
        "amount": {"amount": "119.00", "currency": "EUR"},
        "reason": {"code": "AC01", "reason": "wrong"},
    }
    assert (statement.account, statement.number, statement.entries) == ("DE75512108001245126199", "S-1", [])
    assert [str(day) for day in statement.days or ()] == ["2026-03-09", "2026-03-09"]
    transfer = only(pain002("", of_batch(payment(1)), of="pain.001.001.09"))
    assert transfer.account == "DE02120300000000202051"


@pytest.mark.parametrize("status", ["ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "PDNG", "RCVD", "PART"])
def test_other_statuses_are_no_rejections(status: str) -> None:
    given = f"<PmtInfSts>{status}</PmtInfSts>"
    accepted = payment(1, f"<TxSts>{status}</TxSts>")
    assert rejections(pain002(f"<GrpSts>{status}</GrpSts>", of_batch(accepted, status=given))) == []
    assert rejections(pain002("", of_batch(payment(1, code="0000")))) == []


def test_a_payment_has_the_status_of_its_batch_or_file() -> None:
    """A whole batch or file follows the payments that the message lists."""
    reason = "<StsRsnInf><Rsn><Cd>TM01</Cd></Rsn></StsRsnInf>"
    found = rejections(pain002("", of_batch(payment(1, "", ""), status=f"<PmtInfSts>RJCT</PmtInfSts>{reason}")))
    assert [(one.payment_information_id, one.end_to_end_id) for one in found] == [("F-1-1", "E2E-1"), ("F-1-1", None)]
    assert {one.reason.code for one in found} == {"TM01"}
    [whole] = rejections(pain002(f"<GrpSts>RJCT</GrpSts>{reason}", of_batch(payment(1, "<TxSts>ACCP</TxSts>"))))
    assert (whole.message_id, whole.payment_information_id, whole.end_to_end_id) == ("F-1", None, None)


def test_old_and_broken_messages_are_read_as_far_as_possible() -> None:
    assert len(rejections(pain002("", payment(1), name="pain.002.001.02"))) == 1
    nameless = payment(1).replace("<OrgnlEndToEndId>E2E-1</OrgnlEndToEndId>", "")
    statement = only(pain002("", of_batch(nameless, payment(2).replace(">119<", ">x<"), payment(3))))
    assert [one.end_to_end_id for one in statement.rejections] == ["E2E-3"]
    assert [one.why for one in statement.problems] == [
        "the rejected payment has no end-to-end id",
        "an amount is not a number",
    ]
    assert only(camt("")).format == "camt.053"
