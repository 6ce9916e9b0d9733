"""The data of a new company: from a JSON file, from flags, and from a person at a terminal.

Everything is one document: the fields of `PATCH /tenant`, and `admin` with the first admin. Each value has a pointer
(RFC 6901), which flags, questions and errors name.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from infra.local.failure import LocalError
from invoicing.core.errors import DomainError, Violation
from invoicing.core.identity import Caller, Moment, Role
from invoicing.core.model import ENTERED
from invoicing.http.body import refusal, require_json
from invoicing.tenants.email_identity import OperatorSettings, is_granted
from invoicing.tenants.model import Tenant, TenantData, sender_violations, violations
from invoicing.tenants.readiness import MissingSetting, readiness
from invoicing.users.model import UserData

type Document = dict[str, Any]
Ask = Callable[[str], str]
"""Shows a question and returns the answer, which is empty if there is none."""


class _Question(NamedTuple):
    label: str
    default: str | None = None


_ALWAYS: Mapping[str, _Question] = {
    "/name": _Question("Legal name of the company"),
    "/address/country": _Question("Country of its seat (ISO 3166-1, such as DE)"),
    "/admin/email": _Question("E-mail address of the first admin"),
    "/admin/first_name": _Question("First name of the admin", "First"),
    "/admin/last_name": _Question("Last name of the admin", "Admin"),
    "/time_zone": _Question(
        "IANA time zone (such as Europe/Berlin)", str(TenantData.model_fields["time_zone"].default)
    ),
    "/language": _Question("Language of documents and e-mails", str(TenantData.model_fields["language"].default)),
}
"""The values that each company needs, also before its readiness can be checked."""
_PARTS: Mapping[str, Sequence[str]] = {
    "/address": ("/address/line1", "/address/postal_code", "/address/city"),
    "/bank_accounts": ("/bank_accounts/0/iban",),
    "/electronic_address": ("/electronic_address/scheme", "/electronic_address/id"),
}
"""The values to enter for a setting that is not one value."""
_NEW_ENTRIES: Mapping[str, Mapping[str, str]] = {"bank_accounts": {"id": "main"}}
"""The first fields of a new entry of a list."""


@dataclass(frozen=True)
class Company:
    """A valid company, ready to be stored."""

    data: TenantData
    admin: UserData
    operator: OperatorSettings

    def missing(self, at: datetime) -> tuple[MissingSetting, ...]:
        """The settings that invoices need and that are missing: the rules of `GET /tenant/readiness`."""
        tenant = Tenant.new("ten_new", self.data, self.operator, at)
        return readiness(tenant, Moment(Caller.system(tenant.id), at)).missing


def read(file: Path | None, values: Iterable[tuple[str, str | None]]) -> Document:
    """The document of a JSON file, with these values by pointer in place of the file's."""
    document: Document = {}
    if file is not None:
        try:
            document = require_json(file.read_bytes())
        except OSError as error:
            raise LocalError(f"{file} cannot be read: {error.strerror}.") from None
        except DomainError as error:
            raise LocalError(f"{file}: {error.detail}") from None
        if not isinstance(document, dict):
            raise LocalError(f"{file}: a company is a JSON object.")
    for pointer, value in values:
        if value is not None:
            _put(document, pointer, value)
    return document


def complete(document: Document, operator: OperatorSettings, ask: Ask | None, at: datetime) -> Company:
    """The company of a document. Without a terminal (`ask`) a missing or wrong value is an error of one line.

    On a terminal, each question can be skipped that the company does not need to exist.
    """
    lacking = [pointer for pointer, question in _ALWAYS.items() if _value(document, pointer) is None]
    if ask is None:
        required = [pointer for pointer in lacking if _ALWAYS[pointer].default is None]
        if required:
            raise LocalError(f"Missing: {', '.join(required)}. Add flags or --file, or run the command in a terminal.")
        for pointer in lacking:
            _put(document, pointer, _ALWAYS[pointer].default)
        return _valid(document, operator)
    for pointer in lacking:
        document = _answered(document, operator, ask, pointer)
    return _ready(document, operator, ask, at)


def _answered(document: Document, operator: OperatorSettings, ask: Ask, pointer: str) -> Document:
    """The document with an answer to a question that is always asked, repeated until the answer is valid."""
    label, default = _ALWAYS[pointer]
    shown = f"{label} [{default}]: " if default else f"{label}: "
    while True:
        answered = deepcopy(document)
        _put(answered, pointer, ask(shown).strip() or default or "")
        wrong = _mistakes(answered, operator, pointer)
        if not wrong:
            return answered
        shown = f"{wrong[0].message}. {label}: "


def _ready(document: Document, operator: OperatorSettings, ask: Ask, at: datetime) -> Company:
    """The company with an answer to each setting that invoices need, where the person gave one."""
    company, asked = _valid(document, operator), set[str]()
    while found := next((one for one in company.missing(at) if one.pointer not in asked), None):
        asked.add(found.pointer)
        document = _asked(document, operator, ask, found)
        company = _valid(document, operator)
    return company


def _asked(document: Document, operator: OperatorSettings, ask: Ask, missing: MissingSetting) -> Document:
    """The document with a setting that invoices need; unchanged if the person skips it."""
    reason = missing.message
    while True:
        answered = deepcopy(document)
        given = False
        for pointer in _PARTS.get(missing.pointer, (missing.pointer,)):
            answer = ask(f"{reason}\n{pointer} (empty: later): ").strip()
            if answer:
                _put(answered, pointer, answer)
                given = True
        if not given:
            return document
        # The document was valid, so any mistake comes from this answer.
        wrong = _mistakes(answered, operator)
        if not wrong:
            return answered
        reason = wrong[0].message


def _valid(document: Document, operator: OperatorSettings) -> Company:
    wrong = _mistakes(document, operator)
    if wrong:
        raise LocalError("; ".join(f"{one.pointer or '/'}: {one.message}" for one in wrong))
    fields, admin = _split(document)
    data = TenantData.model_validate_json(json.dumps(fields), context=ENTERED)
    return Company(data, UserData.model_validate_json(json.dumps(admin), context=ENTERED), _granted(data, operator))


def _mistakes(document: Document, operator: OperatorSettings, under: str = "") -> list[Violation]:
    """The mistakes at a pointer and below it, by the same rules as in the API."""
    fields, admin = _split(document)
    found = [Violation(f"/admin{one.pointer}", one.code, one.message) for one in _refused(UserData, admin)]
    found += _refused(TenantData, fields)
    if not any(not one.pointer.startswith("/admin") for one in found):
        data = TenantData.model_validate_json(json.dumps(fields), context=ENTERED)
        identities = _granted(data, operator).email_identities
        found += [*violations(data), *sender_violations(data.email_sender, identities)]
    return [one for one in found if one.pointer == under or one.pointer.startswith(f"{under}/")]


def _granted(data: TenantData, operator: OperatorSettings) -> OperatorSettings:
    """The operator's settings; a sender that the operator enters is granted by that."""
    if data.email_sender is None or is_granted(data.email_sender, operator.email_identities):
        return operator
    return operator.model_copy(update={"email_identities": (*operator.email_identities, data.email_sender)})


def _refused(model: type[BaseModel], fields: Mapping[str, Any]) -> list[Violation]:
    try:
        model.model_validate_json(json.dumps(fields), context=ENTERED)
    except ValidationError as error:
        return list(refusal(error).errors)
    return []


def _split(document: Document) -> tuple[Document, Document]:
    """The fields of the company and those of its first admin."""
    fields = dict(document)
    admin = fields.pop("admin", {})
    return fields, {**admin, "role": Role.ADMIN} if isinstance(admin, dict) else {"email": admin}


def _value(document: Any, pointer: str) -> Any:
    for name in pointer.split("/")[1:]:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _put(document: Document, pointer: str, value: Any) -> None:
    """Set the value at a pointer, with the objects and list entries that lead to it."""
    *path, last = pointer.removeprefix("/").split("/")
    place: Any = document
    for position, name in enumerate(path):
        inner: Any = [] if (path[position + 1 :] or [last])[0].isdecimal() else {}
        if isinstance(place, list):
            if int(name) > len(place):
                raise LocalError(f"{pointer}: the list has {len(place)} entries.")
            if int(name) == len(place):
                place.append({**_NEW_ENTRIES.get(path[position - 1], {}), **inner})
            place = place[int(name)]
        else:
            place = place.setdefault(name, inner)
        if not isinstance(place, dict | list):
            raise LocalError(f"{pointer}: /{'/'.join(path[: position + 1])} is one value.")
    if isinstance(place, list):
        raise LocalError(f"{pointer}: name a field of the entry.")
    place[last] = value
