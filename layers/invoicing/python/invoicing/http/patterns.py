"""The message for each pattern of a text field, as people do not read regular expressions."""

import re

from invoicing.core.ids import DOCUMENT_OR_SUBSCRIPTION, PERIOD, ULID
from invoicing.core.model import LANGUAGES
from invoicing.core.page import GROUPS

_EXAMPLE = "01JD8X2V6PZ3QK7M5T9WRC4HBN"
_ID = re.compile(rf"\^([a-z]+_){re.escape(ULID)}\$")
MESSAGES = {
    r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$": "a code of 1 to 64 letters, digits and . _ / -, such as A-4711",
    r"^[!-~]{1,100}$": "1 to 100 printable ASCII characters without spaces, such as 2026-03-02/00017",
    r"^[A-Z0-9]{1,35}$": "a code of 1 to 35 capital letters and digits, such as AC04",
    r"^[A-Z]{3}$": "a currency code of ISO 4217, such as EUR",
    r"^[A-Z]{2}$": "a country code of ISO 3166-1, such as DE",
    r"^[a-z]{2}(-[A-Z]{2})?$": "a language tag, such as de or de-AT",
    f"^({'|'.join(LANGUAGES)})(-[A-Z]{{2}})?$": f"one of {', '.join(LANGUAGES)}, or with a country, such as de-AT",
    r"^[A-Z0-9]{1,3}$": "a reason code of UNTDID 5189 or UNTDID 7161, such as 95",
    r"^[A-Z0-9]{2,3}$": "a unit code of UN/ECE Recommendation 20, such as C62",
    r"^[0-9A-Z]{2,4}$": "a scheme of the EAS code list, such as 9930",
    r"^[0-9]{4}$": "a scheme of the ICD code list (ISO 6523), such as 0088",
    r"^[0-9]{4,6}$": "the last 4 to 6 digits of the card",
    r"^[0-9a-f]{64}$": "a SHA-256 as 64 hexadecimal digits, in small letters",
    r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$": "an IBAN, such as DE02 1203 0000 0000 2020 51",
    r"^[A-Z0-9]{8}([A-Z0-9]{3})?$": "a BIC of 8 or 11 characters, such as BYLADEM1001",
    r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{4,31}$": "a SEPA creditor identifier, such as DE98ZZZ09999999999",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "a time of day, such as 12:00",
    r"^#[0-9A-Fa-f]{6}$": "a color, such as #0a5aa0",
    r"^[A-Za-z0-9_-]{43}$": "a download token of 43 characters",
    DOCUMENT_OR_SUBSCRIPTION: f"the id of a document or subscription, such as inv_{_EXAMPLE}",
    GROUPS: "one or two of day, week, month, year, customer, country and currency, with a comma",
    PERIOD: "the id of a period, such as 1m-advance.2026-02-28",
    r"^[a-z][a-z0-9_]{0,31}$": "a name of up to 32 small letters, digits and _, such as invoice",
    r"^[a-z][a-z0-9_]{0,15}$": "a name of up to 16 small letters, digits and _, such as b2b",
    r"^https?://[^\s]+$": "a web address that begins with https:// or http://",
    r"^((https?|ftps?|sftp)://[^\s]+|([A-Za-z0-9-]+\.)+[A-Za-z]{2,}([:/?#][^\s]*)?)$": (
        "a web address such as https://example.com/a or www.example.com/a"
    ),
    r'^https://[^\s\x00-\x1f"<>]+$': "a web address that begins with https://",
}


def message_for(pattern: str) -> str:
    """The message for a text that does not match a pattern."""
    if found := _ID.fullmatch(pattern):
        return f"Input should be an id such as {found.group(1)}{_EXAMPLE}"
    return f"Input should be {MESSAGES[pattern]}" if pattern in MESSAGES else "Input does not have the required form"
