"""GiroCode (EPC069-12): the code that a banking app scans to fill in a SEPA credit transfer."""

from decimal import Decimal
from typing import Final

import zxingcpp

from invoicing.core.model import decimal_text
from invoicing.core.party import BankAccount
from invoicing.issuing.einvoice import SEPA

_BIC_NEEDED: Final = frozenset({"AD", "CH", "GB", "GI", "MC", "SM", "VA"})
"""In SEPA but not in the European Economic Area, where the IBAN alone does not identify the bank."""
_MOST: Final = Decimal("999999999.99")
_LONGEST_NAME, _LONGEST_TEXT = 70, 140
_MOST_BYTES: Final = 331


def girocode(account: BankAccount, seller: str, amount: Decimal, currency: str, reference: str | None) -> str | None:
    """The text of the code; None where no such transfer is possible."""
    iban = account.iban or ""
    country = iban[:2]
    if currency != "EUR" or country not in SEPA or not 0 < amount <= _MOST:
        return None
    if country in _BIC_NEEDED and not account.bic:
        return None
    from stdnum import iso11649

    text = reference or ""
    structured = iso11649.is_valid(text)
    code = "\n".join(
        (
            "BCD",
            "002",
            "1",  # UTF-8
            "SCT",
            account.bic or "",
            _one_line(account.account_holder or seller, _LONGEST_NAME),
            iban,
            f"EUR{decimal_text(amount)}",
            "",  # purpose
            iso11649.compact(text) if structured else "",
            "" if structured else _one_line(text, _LONGEST_TEXT),
        )
    ).rstrip("\n")
    return code if len(code.encode()) <= _MOST_BYTES else None


def drawn(code: str) -> str:
    """The code as SVG with the quiet zone that scanners need. Its bytes are UTF-8."""
    symbol = zxingcpp.create_barcode(code.encode(), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    svg: str = symbol.to_svg(add_quiet_zones=True)
    return svg


def _one_line(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]
