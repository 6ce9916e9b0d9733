"""Which bank account of the tenant a file is about."""

import re
from collections.abc import Iterable

from invoicing.core.party import BankAccount

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")
_NATIONAL = re.compile(r"(\d{8})/(\d{1,10})\D*")
_BANK_CODE, _NUMBER = slice(4, 12), slice(12, 22)
_DIGITS_OF_A_NUMBER = 10


def account_named(accounts: Iterable[BankAccount], name: str) -> BankAccount | None:
    """The account that a file names by its IBAN, its number, or the German numbers of bank and account.

    Some banks add the currency.
    """
    compact = "".join(name.split()).upper()
    for account in accounts:
        if account.iban is not None and _is_iban(account.iban, compact):
            return account
        if account.account_number is not None and compact == "".join(account.account_number.split()).upper():
            return account
    return None


def _is_iban(iban: str, name: str) -> bool:
    if name in (iban, *(f"{iban}{separator}{name[-3:]}" for separator in ("", "/"))):
        return True
    national = _NATIONAL.fullmatch(name)
    if national is None or not iban.startswith("DE"):
        return False
    return (iban[_BANK_CODE], iban[_NUMBER]) == (national[1], national[2].zfill(_DIGITS_OF_A_NUMBER))


def names_iban(name: str | None) -> bool:
    """Whether a name is an IBAN: then it is the name of one account only."""
    return name is not None and _IBAN.match("".join(name.split())) is not None
