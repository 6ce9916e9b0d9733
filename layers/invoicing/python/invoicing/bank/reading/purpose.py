"""The text of an MT940 entry (`:86:`): numbered fields of German banks, tags of Dutch ones, or plain text."""

import re
from typing import Any

from invoicing.bank.entry import LONGEST_NAME, LONGEST_REMITTANCE, Counterparty, line, reference, returned
from invoicing.bank.reading.returns import GERMAN_RETURNS, german_reason

_FIELD_LENGTH = 27
_NUMBERED = re.compile(r"(?P<kind>\d{3})(?P<mark>[^A-Za-z0-9\s/])(?=\d{2})")
_PURPOSE = (*range(20, 30), *range(60, 64))
_SEPA = re.compile(r"((?:EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)(?=\+)|MTLG(?=:))[+:] ?")
_SLASHES = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|ORDP|BENM|MARF|CSID|RTRN|ULTC|ULTD|PREF|ISDT|CNTP|SVCL|USTD|CDTRREF)/"
)


def described(text: str, more: str | None) -> dict[str, Any]:
    """The fields of an entry that its text has. `more` is the second line of the entry, which some banks use."""
    flat = text.replace("\n", "")
    numbered = _NUMBERED.match(flat)
    if numbered is not None:
        return _of_fields(numbered["kind"], _fields(flat[3:], numbered["mark"]))
    if len(_SLASHES.findall(flat)) > 0:
        return _of_slashes(_tagged(_SLASHES, flat))
    plain = " ".join(part for part in text.split("\n") if part.strip())
    return _of_sepa(_tagged(_SEPA, plain)) if plain else {"remittance": line(more, LONGEST_REMITTANCE)}


def _fields(text: str, mark: str) -> dict[int, str]:
    """The numbered fields: `?20…?21…`. A number that occurs again continues its field."""
    found: dict[int, str] = {}
    for part in re.split(f"{re.escape(mark)}(?=\\d\\d)", text)[1:]:
        number = int(part[:2])
        found[number] = found.get(number, "") + part[2:]
    return found


def _joined(pieces: list[str]) -> str:
    """The pieces of a text. One that fills its field continues in the next one without a blank."""
    return "".join(piece if len(piece) >= _FIELD_LENGTH else f"{piece} " for piece in pieces)


def _tagged(tags: re.Pattern[str], text: str) -> dict[str, str]:
    """The parts of a text by the tags before them; "" is the part before the first one."""
    first, *rest = tags.split(text)
    found = {"": first.strip()}
    for tag, part in zip(rest[::2], rest[1::2], strict=True):
        found[tag] = f"{found.get(tag, '')} {part.strip()}".strip()
    return found


def _of_fields(kind: str, fields: dict[int, str]) -> dict[str, Any]:
    name = line(_joined([fields[one] for one in (32, 33) if one in fields]), LONGEST_NAME)
    account = "".join(fields.get(31, "").split())
    found = _of_sepa(_tagged(_SEPA, _joined([fields[one] for one in _PURPOSE if one in fields])))
    if found["remittance"] is None:
        found["remittance"] = line(fields.get(0), LONGEST_REMITTANCE)
    party: Counterparty = found["counterparty"]
    is_return = kind in GERMAN_RETURNS
    return found | {
        "counterparty": Counterparty(
            name=name or party.name, iban=line(account, 34) or party.iban, bic=line(fields.get(30), 11) or party.bic
        ),
        "kind": kind,
        "returned": german_reason(fields.get(34, "").strip() or None, found["remittance"]) if is_return else None,
    }


def _of_sepa(parts: dict[str, str]) -> dict[str, Any]:
    """`SVWZ+` is the text of the payer, else all that is before the first tag, else a message of the bank."""
    return {
        "remittance": line(parts.get("SVWZ") or parts[""] or parts.get("MTLG"), LONGEST_REMITTANCE),
        "end_to_end_id": reference(parts.get("EREF")),
        "mandate_reference": reference(parts.get("MREF")),
        "payment_information_id": reference(parts.get("KREF")),
        "original": parts.get("OAMT"),
        "counterparty": Counterparty(
            iban=line("".join(parts.get("IBAN", "").split()), 34), bic=line(parts.get("BIC"), 11)
        ),
    }


def _of_slashes(parts: dict[str, str]) -> dict[str, Any]:
    parts = {name: part.strip("/ ") for name, part in parts.items()}
    return {
        "remittance": line(parts.get("USTD") or parts.get("REMI") or parts[""], LONGEST_REMITTANCE),
        "structured_reference": reference(parts.get("CDTRREF")),
        "end_to_end_id": reference(parts.get("EREF")),
        "mandate_reference": reference(parts.get("MARF")),
        "counterparty": Counterparty(
            name=line(parts.get("NAME"), LONGEST_NAME),
            iban=line("".join(parts.get("IBAN", "").split()), 34),
            bic=line(parts.get("BIC"), 11),
        ),
        "returned": returned(parts["RTRN"], None) if parts.get("RTRN") else None,
    }
