"""GET /tenant/readiness: the settings that are missing before invoices can be issued, sent and paid."""

import pytest

from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import AwsCalls, seed
from tests.collection import CREDITOR_ID
from tests.gateway import Client
from tests.world import issue, signed_in

LEGAL: dict[str, object] = {"legal_information": "Geschäftsführerin: Ada Nord\nAmtsgericht Hamburg, HRB 4711"}
NEEDED: dict[str, dict[str, object]] = {
    "/vat_id": {"vat_id": "DE123456788"},
    "/tax_number": {"vat_id": "DE123456788"},
    "/legal_id": {"vat_id": "DE123456788"},
    "/electronic_address": {"electronic_address": {"scheme": "9930", "id": "DE123456788"}},
    "/contact/name": {"contact": {"name": "Buchhaltung", "phone": "+49 40 123456", "email": "re@nordlicht.example"}},
    "/contact/phone": {"contact": {"phone": "+49 40 123456"}},
    "/contact/email": {"contact": {"email": "re@nordlicht.example"}},
    "/bank_accounts": {"bank_accounts": [{"id": "main", "iban": "DE75512108001245126199"}]},
    "/legal_information": LEGAL,
    "/email_sender": {"email_sender": "rechnung@nordlicht.example"},
}


@pytest.fixture
def bare(aws: AwsCalls) -> Client:
    """An admin of a company that has a name, an address and nothing else."""
    empty = {"vat_id": None, "bank_accounts": (), "contact": None, "email_sender": None}
    company: Tenant = builders.tenant(**empty)
    seed(company.id, company)
    return signed_in(company)


IN_FORMAT: dict[str, dict[str, dict[str, object]]] = {
    "facturx_fr": {"/legal_id": {"legal_id": "732829320"}, "/legal_id_scheme": {"legal_id_scheme": "0002"}}
}
"""The settings that a format needs in another form."""


def missing(api: Client) -> list[tuple[str, str]]:
    return [(one["needed_to"], one["pointer"]) for one in api.get("/tenant/readiness").ok()["missing"]]


def test_a_complete_company_is_ready(api: Client) -> None:
    assert missing(api) == [("issue", "/legal_information")]
    api.patch("/tenant", LEGAL).ok()
    assert api.get("/tenant/readiness").ok() == {
        "object": "readiness",
        "ready": True,
        "missing": [],
        "each_invoice": [],
    }
    assert issue(api)["status"] == "open"


def test_a_new_company_sees_the_missing_settings(bare: Client) -> None:
    assert {("issue", "/tax_number"), ("send", "/email_sender"), ("be_paid", "/bank_accounts")} <= set(missing(bare))
    assert bare.get("/tenant/readiness").ok()["ready"] is False


@pytest.mark.parametrize("format_", ["none", "zugferd", "xrechnung", "peppol", "facturx_fr", "cius_ro"])
def test_each_missing_setting_can_be_added(bare: Client, format_: str) -> None:
    bare.patch("/tenant", {"einvoice_format": format_}).ok()
    while found := missing(bare):
        setting = found[0][1]
        bare.patch("/tenant", IN_FORMAT.get(format_, {}).get(setting, NEEDED.get(setting))).ok()
        assert found[0] not in missing(bare)
    assert bare.get("/tenant/readiness").ok()["ready"] is True


@pytest.mark.parametrize(
    ("format_", "fields"),
    [
        ("zugferd", set()),
        ("xrechnung", {"/buyer_reference", "/customer/electronic_address"}),
        ("peppol", {"/buyer_reference", "/customer/electronic_address"}),
        ("facturx_fr", {"/notes", "/business_process", "/customer/electronic_address"}),
    ],
)
def test_fields_of_each_invoice_are_named(api: Client, format_: str, fields: set[str]) -> None:
    api.patch("/tenant", {"einvoice_format": format_}).ok()
    found = api.get("/tenant/readiness").ok()["each_invoice"]
    assert {one["pointer"] for one in found} == fields


def test_a_sender_that_is_no_longer_granted_is_named(aws: AwsCalls) -> None:
    company = builders.tenant(email_identities=())
    seed(company.id, company)
    _, found = signed_in(company).get("/tenant/readiness").ok()["missing"]
    assert (found["needed_to"], found["pointer"], found["code"]) == ("send", "/email_sender", "SENDER_NOT_GRANTED")


def test_a_creditor_needs_an_account_in_sepa(api: Client) -> None:
    abroad = [{"id": "main", "iban": "TR330006100519786457841326"}]
    api.patch("/tenant", LEGAL | {"bank_accounts": abroad}).ok()
    assert missing(api) == []
    api.patch("/tenant", {"creditor_id": CREDITOR_ID}).ok()
    assert missing(api) == [("collect", "/bank_accounts")]
