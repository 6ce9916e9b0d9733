"""The data of a new company: questions, files and flags of `invoicing tenant create`."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.local import cli
from infra.local.company import complete, read
from infra.local.failure import LocalError
from invoicing.core.identity import Caller, Moment
from invoicing.tenants.email_identity import OperatorSettings
from invoicing.tenants.model import Tenant
from invoicing.tenants.readiness import readiness
from tests.builders import NOON

BARE = {"name": "Kontor Nord GmbH", "address": {"country": "DE"}, "admin": {"email": "ada@kontor.example"}}
ANSWERS = {
    "Legal name of the company": "Kontor Nord GmbH",
    "Country of its seat": "DE",
    "E-mail address of the first admin": "ada@kontor.example",
    "First name of the admin": "Ada",
    "Last name of the admin": "Berg",
    "IANA time zone": "Europe/Berlin",
    "Language of documents and e-mails": "de",
    "/address/line1": "Speicherstraße 7",
    "/address/postal_code": "20457",
    "/address/city": "Hamburg",
    "/tax_number": "27/123/45678",
    "/vat_id": "DE123456788",
    "/legal_id": "HRB 123456",
    "/legal_information": "Geschäftsführerin: Ada Berg, Amtsgericht Hamburg",
    "/legal_id_scheme": "0002",
    "/bank_accounts/0/iban": "DE02 1203 0000 0000 2020 51",
    "/contact/name": "Ada Berg",
    "/contact/phone": "+49 40 123456",
    "/contact/email": "office@kontor.example",
    "/electronic_address/scheme": "9930",
    "/electronic_address/id": "DE123456788",
    "/email_sender": "billing@kontor.example",
}


class Person:
    """Answers questions in a terminal, and remembers them."""

    def __init__(self, answers: dict[str, str], **first: str) -> None:
        self.answers, self.first, self.asked = answers, first, list[str]()

    def __call__(self, question: str) -> str:
        asked = re.sub(r".*\. (?=[A-Z][^.]*: $)", "", question.rsplit("\n", 1)[-1])
        key = next(key for key in self._known() if asked.startswith(key))
        self.asked.append(key)
        return self.first.pop(key.strip("/"), self.answers.get(key, "")) + "\n"

    def _known(self) -> list[str]:
        return sorted(ANSWERS, key=len, reverse=True)


def bare(**fields: Any) -> dict[str, Any]:
    return json.loads(json.dumps({**BARE, **fields}))  # type: ignore[no-any-return]


@pytest.mark.parametrize("format_", ["none", "zugferd", "xrechnung", "peppol", "facturx_fr", "cius_ro"])
def test_a_person_is_asked_for_all_that_an_invoice_needs(format_: str) -> None:
    # In France the legal id is the SIREN.
    person = Person({**ANSWERS, "/legal_id": "732829320"} if format_ == "facturx_fr" else ANSWERS)
    company = complete({"einvoice_format": format_}, OperatorSettings(), person, NOON)
    assert company.missing(NOON) == ()
    assert (company.data.time_zone, company.data.language) == ("Europe/Berlin", "de")
    assert (company.admin.first_name, company.admin.role) == ("Ada", "admin")
    assert company.operator.email_identities == ("billing@kontor.example",)
    assert len(person.asked) == len(set(person.asked))


def test_a_contradicting_answer_is_asked_again() -> None:
    person = Person(ANSWERS, legal_id_scheme="0009")
    document = bare(einvoice_format="facturx_fr", legal_id="732829320")
    company = complete(document, OperatorSettings(), person, NOON)
    assert person.asked.count("/legal_id_scheme") == 2
    assert (company.data.legal_id, company.data.legal_id_scheme) == ("732829320", "0002")


def test_the_questions_are_those_of_readiness() -> None:
    person = Person({})
    company = complete(bare(), OperatorSettings(), person, NOON)
    tenant = Tenant.new("ten_1", company.data, company.operator, NOON)
    missing = readiness(tenant, Moment(Caller.system("ten_1"), NOON)).missing
    assert company.missing(NOON) == missing != ()
    asked = {"/" + key.split("/")[1] for key in person.asked if key.startswith("/")}
    assert asked == {"/" + one.pointer.split("/")[1] for one in missing}


def test_a_wrong_answer_is_asked_again() -> None:
    wrong = {"vat_id": "DE1", "bank_accounts/0/iban": "DE00", "E-mail address of the first admin": "nobody"}
    document = bare(einvoice_format="peppol", admin={}, tax_number=None)
    person = Person(ANSWERS, **wrong)
    company = complete(document, OperatorSettings(), person, NOON)
    assert company.admin.email == "ada@kontor.example"
    assert company.data.bank_accounts[0].iban == "DE02120300000000202051"
    assert person.asked.count("/bank_accounts/0/iban") == 2
    assert person.asked.count("E-mail address of the first admin") == 2


def test_without_a_terminal_missing_values_are_one_line() -> None:
    with pytest.raises(LocalError) as refused:
        complete({"name": "Kontor Nord GmbH"}, OperatorSettings(), None, NOON)
    assert str(refused.value).startswith("Missing: /address/country, /admin/email. ")
    assert "\n" not in str(refused.value)


def test_without_a_terminal_the_rest_has_defaults() -> None:
    company = complete(bare(), OperatorSettings(), None, NOON)
    assert (company.data.time_zone, company.data.language, company.admin.first_name) == ("UTC", "en", "First")
    assert {"/tax_number", "/bank_accounts", "/email_sender"} <= {one.pointer for one in company.missing(NOON)}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"vatid": "DE123456788"}, "/vatid"),
        ({"vat_id": "DE1"}, "/vat_id"),
        ({"admin": {"email": "nobody"}}, "/admin/email"),
        ({"admin": "ada@kontor.example"}, "/admin"),
        ({"address": {"country": "Germany"}}, "/address/country"),
        ({"time_zone": "Berlin"}, "/time_zone"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_pointer(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(LocalError, match=named) as refused:
        complete(bare(**fields), OperatorSettings(), None, NOON)
    assert "\n" not in str(refused.value)


def test_flags_precede_the_file(tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    file.write_text(json.dumps(bare(vat_id="DE123456788")))
    values = [("/name", "Andere AG"), ("/address/city", "Wien"), ("/bank_accounts/0/iban", "AT611904300234573201")]
    document = read(file, [*values, ("/tax_number", None)])
    assert document == {
        **BARE,
        "name": "Andere AG",
        "address": {"country": "DE", "city": "Wien"},
        "vat_id": "DE123456788",
        "bank_accounts": [{"id": "main", "iban": "AT611904300234573201"}],
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "A", "name": "B"}', ""])
def test_a_file_that_is_no_company_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "company.json"
    file.write_text(text)
    with pytest.raises(LocalError, match=r"company\.json") as refused:
        read(file, [])
    assert "\n" not in str(refused.value)
    with pytest.raises(LocalError, match="cannot be read"):
        read(tmp_path / "none.json", [])


@pytest.mark.parametrize("pointer", ["/name/x", "/bank_accounts/1/iban", "/bank_accounts/0", "/address/country/0/x"])
def test_a_pointer_that_leads_nowhere_is_one_line(tmp_path: Path, pointer: str) -> None:
    file = tmp_path / "company.json"
    file.write_text(json.dumps(bare()))
    with pytest.raises(LocalError, match=pointer):
        read(file, [(pointer, "x")])


def test_a_field_is_set_by_its_pointer(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ("vat_id=DE1", "/vat_id"):
        with pytest.raises(SystemExit):
            cli.main(["tenant", "create", "--set", wrong])
        assert "/pointer=value" in capsys.readouterr().err
