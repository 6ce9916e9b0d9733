"""PATCH /tenant: D01, D05."""

from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.core.party import ElectronicAddress
from invoicing.numbering.model import NumberSeries, default_series
from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import AwsCalls, seed
from tests.builders import NOON, invoice_json, line_json
from tests.gateway import Client
from tests.world import issue, signed_in

IBAN = "DE02120300000000202051"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"bank_accounts": [{"id": "main", "iban": "DE02120300000000202052"}]}, "/bank_accounts/0/iban"),
    ({"bank_accounts": [{"id": "a", "iban": IBAN}, {"id": "a", "iban": IBAN}]}, "/bank_accounts/1/id"),
    ({"bank_accounts": [{"id": "a", "iban": IBAN, "bic": "XXXXXX00"}]}, "/bank_accounts/0/bic"),
    ({"bank_accounts": [{"id": "a"}]}, "/bank_accounts/0/iban"),
    ({"bank_accounts": [{"id": "a", "iban": IBAN, "account_number": "1"}]}, "/bank_accounts/0/iban"),
    ({"bank_accounts": [{"id": "a", "iban": IBAN, "bank_code": "1"}]}, "/bank_accounts/0/bank_code"),
    ({"bank_accounts": [{"id": "a", "account_number": "1", "bic": "BYLADEM1001"}]}, "/bank_accounts/0/bic"),
    ({"bank_accounts": [{"id": "a", "iban": "BE68 5390 0754 7035"}]}, "/bank_accounts/0/iban"),
    ({"vat_id": "DE123456789"}, "/vat_id"),
    ({"vat_id": "AT1"}, "/vat_id"),
    ({"electronic_address": {"scheme": "9999", "id": "1"}}, "/electronic_address/scheme"),
    ({"electronic_address": {"scheme": "0204", "id": "1"}}, "/electronic_address/id"),
    ({"electronic_address": {"scheme": "0192", "id": "123456789"}}, "/electronic_address/id"),
    ({"legal_id_scheme": "0184"}, "/legal_id"),
    ({"party_ids": [{"id": "L-1"}, {"id": "1", "scheme": "0088"}]}, "/party_ids/1/id"),
    ({"party_ids": [{"id": "1", "scheme": "0092"}]}, "/party_ids/0/scheme"),
    (
        {"tax_representative": {"name": "Rep", "vat_id": "ATU1", "address": {"country": "AT"}}},
        "/tax_representative/vat_id",
    ),
    ({"legal_information": "x" * 501}, "/legal_information"),
    ({"legal_id": "1", "legal_id_scheme": "0092"}, "/legal_id_scheme"),
    ({"legal_id": "13585629", "legal_id_scheme": "0184"}, "/legal_id"),
    ({"time_zone": "Europe/Bielefeld"}, "/time_zone"),
    ({"currency": "DEM"}, "/currency"),
    ({"email_sender": "nobody"}, "/email_sender"),
    ({"name": None}, "/name"),
    ({"number_series": {"invoice": {"pattern": "INV"}}}, "/number_series/invoice/pattern"),
    ({"number_series": {"invoice": {"pattern": "INV-{n}-{n}"}}}, "/number_series/invoice/pattern"),
    ({"number_series": {"invoice": {"pattern": "INV-{n:06}"}}}, "/number_series/invoice/pattern"),
    ({"number_series": {"invoice": {"name": "other"}}}, "/number_series/invoice/name"),
    ({"number_series": {"credit_note": {"pattern": "INV-{yyyy}-{n:06}"}}}, "/number_series/credit_note/pattern"),
    ({"number_series": {"dunning": {"pattern": "INV-{yyyy}-{n:01}"}}}, "/number_series/dunning/pattern"),
    ({"number_series": {"cancellation": None}}, "/number_series/cancellation"),
    ({"tenant_id": "ten_1"}, "/tenant_id"),
    # The fields that the operator decides.
    ({"email_sender": "rechnung@andere.example"}, "/email_sender"),
    ({"email_daily_limit": 50_000}, "/email_daily_limit"),
    ({"email_identities": ["andere.example"]}, "/email_identities"),
]


@pytest.mark.parametrize(("change", "pointer"), WRONG, ids=lambda part: str(part)[:60])
def test_invalid_values_are_refused_with_a_pointer(api: Client, change: dict[str, Any], pointer: str) -> None:
    answer = api.patch("/tenant", change)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert api.get("/tenant").ok()["version"] == 1


def test_a_seller_outside_the_eu_has_a_vat_id_of_its_country(api: Client) -> None:
    assert api.patch("/tenant", {"vat_id": "CHE-123.456.788 MWST"}).ok()["vat_id"] == "CHE-123.456.788 MWST"


def test_blanks_in_bank_identifiers_are_removed(api: Client) -> None:
    account = {"id": "main", "iban": "be68 5390 0754 7034", "bic": "GKCC BEBB"}
    changed = api.patch("/tenant", {"bank_accounts": [account], "creditor_id": "DE98 ZZZ 0999 9999 999"}).ok()
    [kept] = changed["bank_accounts"]
    assert kept == dict.fromkeys(kept) | {"id": "main", "iban": "BE68539007547034", "bic": "GKCCBEBB"}
    assert changed["creditor_id"] == "DE98ZZZ09999999999"


def test_settings_change_later_documents_only(api: Client, issued: dict[str, Any]) -> None:
    series = {"pattern": "R{yy}-{n:04}", "first_number": 500}
    changed = api.patch("/tenant", {"name": "Nordlicht AG", "number_series": {"invoice": series}}).ok()
    assert (changed["version"], changed["number_series"]["invoice"]["yearly_reset"]) == (2, True)
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)
    later = api.post(f"/invoices/{draft['id']}/finalize").ok()
    # The count continues: no number is used twice.
    assert (later["number"], later["seller"]["name"]) == ("R26-0002", "Nordlicht AG")
    assert api.get(f"/invoices/{issued['id']}").ok() == issued


def test_a_tenant_can_continue_the_numbers_of_another_system(api: Client) -> None:
    api.patch("/tenant", {"number_series": {"invoice": {"first_number": 500, "first_year": 2026}}}).ok()
    draft = api.post("/invoices", invoice_json(customer={"name": "Eine AG"})).ok(201)
    assert api.post(f"/invoices/{draft['id']}/finalize").ok()["number"] == "INV-2026-000500"


def test_a_tenant_chooses_its_sender_among_its_own_identities(api: Client, tenant: Tenant) -> None:
    apply_operator_change(tenant.id, OperatorChange(grant=["billing@b.example"]), at=NOON)
    for sender in ("billing@b.example", "other@nordlicht.example", None):
        assert api.patch("/tenant", {"email_sender": sender}).ok()["email_sender"] == sender
    assert api.get("/tenant").ok()["email_identities"] == ["nordlicht.example", "billing@b.example"]


def test_no_tenant_chooses_the_identity_of_another(api: Client, stranger: Client) -> None:
    apply_operator_change(
        stranger.tenant_id, OperatorChange(revoke=["nordlicht.example"], grant=["andere.example"]), at=NOON
    )
    stranger.patch("/tenant", {"email_sender": "rechnung@andere.example"}).ok()
    back = stranger.patch("/tenant", {"email_sender": "rechnung@nordlicht.example"})
    assert (back.status, back.json["errors"][0]["pointer"]) == (400, "/email_sender")


def test_a_stale_version_is_refused(api: Client) -> None:
    assert api.patch("/tenant", {"name": "X"}, headers={"If-Match": '"1"'}).ok()["version"] == 2
    answer = api.patch("/tenant", {"name": "Y"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")


def test_a_mail_text_and_a_default_tax_are_stored(api: Client) -> None:
    said = {
        "email_texts": {"de": {"subject": "Ihre Rechnung {number}"}},
        "default_tax": {"category": "S", "rate": "19"},
        "einvoice_format": "zugferd",
        "books_closed_until": "2026-01-31",
    }
    shown = api.patch("/tenant", said).ok()
    assert shown["email_texts"]["de"]["subject"] == "Ihre Rechnung {number}"
    assert (shown["default_tax"]["rate"], shown["einvoice_format"]) == ("19", "zugferd")


def test_a_yearly_reset_cannot_change_within_the_year(api: Client, issued: dict[str, Any]) -> None:
    answer = api.patch("/tenant", {"number_series": {"invoice": {"yearly_reset": False}}})
    assert (answer.status, answer.code) == (422, "NUMBER_TAKEN")
    assert answer.json["errors"][0]["pointer"] == "/number_series/invoice/yearly_reset"
    series = {"yearly_reset": False, "first_number": 2}
    api.patch("/tenant", {"number_series": {"invoice": series}}).ok()
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"])).ok(201)
    assert api.post(f"/invoices/{draft['id']}/finalize").ok()["number"] == "INV-2026-000002"


def test_a_pattern_whose_next_number_is_used_is_refused(api: Client, issued: dict[str, Any]) -> None:
    free = {"pattern": "X-{yyyy}-{n:06}"}
    api.patch("/tenant", {"number_series": {"invoice": free}}).ok()
    answer = api.patch("/tenant", {"number_series": {"credit_note": {"pattern": "INV-{yyyy}-{n:06}"}}})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/number_series/credit_note/pattern")


def test_other_settings_change_while_old_patterns_collide(api: Client, tenant: Tenant) -> None:
    alike = {**default_series(), "dunning": NumberSeries(name="dunning", pattern="INV-{yyyy}-{n}")}
    seed(tenant.id, tenant.model_copy(update={"number_series": alike}))
    assert api.patch("/tenant", {"name": "Neu AG"}).ok()["name"] == "Neu AG"


def test_other_settings_need_no_check_of_numbers(api: Client, aws: AwsCalls) -> None:
    with aws.only("update_tenant") as calls:
        api.patch("/tenant", {"name": "Neu AG"}).ok()
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize("steps", [{"CHF": "0.5"}, {"CHF": "0.00"}, {"CHF": "-0.05"}, {"XXX": "0.05"}, {"JPY": "0.05"}])
def test_a_rounding_step_is_an_amount_of_its_currency(api: Client, steps: dict[str, str]) -> None:
    answer = api.patch("/tenant", {"cash_rounding": steps})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/cash_rounding/{next(iter(steps))}")


def test_amounts_due_are_rounded_to_the_tenants_step(api: Client) -> None:
    api.patch("/tenant", {"cash_rounding": {"CHF": "0.05"}}).ok()
    lines = [line_json(quantity=1, unit_price="93.47")]
    draft = api.post("/invoices", invoice_json(currency="CHF", lines=lines)).ok(201)
    assert (draft["total"], draft["rounding"], draft["payable"]) == ("111.23", "0.02", "111.25")
    changed = api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(quantity=1, unit_price="93.46")]}).ok()
    assert (changed["rounding"], changed["payable"]) == ("-0.02", "111.20"), "no rounding by hand was kept"


def test_identifiers_from_before_a_rule_do_not_block_changes(aws: AwsCalls) -> None:
    old = ElectronicAddress(scheme="0208", id="BE0848934496")
    company = builders.tenant(electronic_address=old)
    seed(company.id, company)
    admin = signed_in(company)
    assert admin.patch("/tenant", {"name": "Nordlicht AG"}).ok()["electronic_address"]["id"] == old.id
    again = {"electronic_address": {"scheme": "0208", "id": "BE0848934497"}}
    assert [one["pointer"] for one in admin.patch("/tenant", again).json["errors"]] == ["/electronic_address/id"]


def test_a_family_has_rules_for_changes_to_other_ranks(api: Client) -> None:
    family = {"code": "plans", "name": "Plans", "upgrade": {"anchor": "restart"}}
    [shown] = api.patch("/tenant", {"product_families": [family]}).ok()["product_families"]
    assert shown["upgrade"] == {"at": "now", "anchor": "restart"}
    assert shown["downgrade"] == {"at": "period_end"}
    refused = api.patch("/tenant", {"product_families": [family, {**family, "code": "addons"}, family]})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/product_families/2/code")


def test_units_are_frozen_in_issued_documents(api: Client) -> None:
    units = {"HUR": {"de": "Std. vor Ort"}}
    assert api.patch("/tenant", {"units": units}).ok()["units"] == units
    issued = issue(api)
    api.patch("/tenant", {"units": {"HUR": None}}).ok()
    assert api.get(f"/invoices/{issued['id']}").ok()["seller"]["units"] == units
    refused = api.patch("/tenant", {"units": {"hour": {"de": "Std."}}})
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")


def test_settings_of_direct_debits_are_checked(api: Client) -> None:
    assert api.get("/tenant").ok()["collection"]["prenotification_days"] == 14
    body = {"collection": {"prenotification_days": 2, "cutoff": "11:30", "alphabet": "german"}}
    changed = api.patch("/tenant", body).ok()["collection"]
    assert changed == {**changed, **body["collection"], "settles_after_days": 5, "retry_returned": False}
    wrong = {"prenotification_days": 15, "cutoff": "24:00", "alphabet": "greek", "settles_after_days": 0}
    refused = api.patch("/tenant", {"collection": wrong})
    assert {one["pointer"] for one in refused.json["errors"]} == {f"/collection/{name}" for name in wrong}
