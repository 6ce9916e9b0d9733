"""Readers of returned payments: camt and MT940."""

from decimal import Decimal

import pytest

from invoicing.bank.reading.file import read_file
from tests.unit.test_bank_readers import SAMPLES, batch, mt940, only

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
