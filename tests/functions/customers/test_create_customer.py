"""POST /customers."""

from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import customer_json
from tests.gateway import Client


def test_a_customer_is_created_as_given(api: Client, aws: AwsCalls) -> None:
    with aws.only("create_customer") as calls:
        customer = api.post("/customers", customer_json(external_id="K-7")).ok(201)
    nested = ("address", "payment_terms")
    given = {name: {field: value for field, value in customer[name].items() if value} for name in nested}
    assert customer_json(external_id="K-7").items() <= {**customer, **given}.items()
    assert (customer["type"], customer["version"]) == ("company", 1)
    assert calls.names == {"dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"emails": ["no address"]}, "/emails/0"),
        ({"emails": ["a@b.example\nBcc: x@y.example"]}, "/emails/0"),
        ({"address": {"country": "Germany"}}, "/address/country"),
        ({"type": "robot"}, "/type"),
        ({"payment_terms": {"days": -1}}, "/payment_terms/days"),
        ({"metadata": {"a": "x" * 501}}, "/metadata/a"),
        ({"id": "cus_1"}, "/id"),
        ({"tax_id": "DE136695977"}, "/tax_id"),
        ({"tax_id": "DE13669597"}, "/tax_id"),
        ({"tax_id": "ATU13585626"}, "/tax_id"),
        ({"leitweg_id": "991-33333TEST-34"}, "/leitweg_id"),
        ({"leitweg_id": "not one"}, "/leitweg_id"),
        ({"electronic_address": {"scheme": "1234", "id": "x"}}, "/electronic_address/scheme"),
        ({"electronic_address": {"scheme": "0088", "id": "4012345000013"}}, "/electronic_address/id"),
        ({"electronic_address": {"scheme": "0204", "id": "991-33333TEST-34"}}, "/electronic_address/id"),
        ({"electronic_address": {"scheme": "9930", "id": "ATU13585627"}}, "/electronic_address/id"),
        ({"electronic_address": {"scheme": "EM", "id": "nobody"}}, "/electronic_address/id"),
        ({"electronic_address": {"scheme": "0208", "id": "1234567890"}}, "/electronic_address/id"),
        ({"electronic_address": {"scheme": "0151", "id": "123"}}, "/electronic_address/id"),
        ({"legal_id_scheme": "0184"}, "/legal_id"),
        ({"party_id": {"id": "1", "scheme": "0088"}}, "/party_id/id"),
        ({"shipping_address": {"country": "DE", "location_id_scheme": "0088"}}, "/shipping_address/location_id"),
        ({"legal_id": "13585629", "legal_id_scheme": "0184"}, "/legal_id"),
        ({"erased_at": "2026-01-01T00:00:00Z"}, "/erased_at"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(api: Client, fields: dict[str, object], pointer: str) -> None:
    answer = api.post("/customers", customer_json(**fields))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


def test_an_auditor_cannot_create_a_customer(sign_in: Callable[..., Client]) -> None:
    answer = sign_in(Role.AUDITOR).post("/customers", customer_json())
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")


@pytest.mark.parametrize(
    "fields",
    [
        {"tax_id": "ATU13585627"},
        {"tax_id": "CHE-107.787.577 MWST"},
        {"leitweg_id": "991-33333TEST-33", "einvoice_format": "xrechnung"},
        {"electronic_address": {"scheme": "0088", "id": "4012345000009"}},
        {"electronic_address": {"scheme": "0204", "id": "991-33333TEST-33"}},
        {"electronic_address": {"scheme": "9930", "id": "DE136695976"}},
        {"electronic_address": {"scheme": "EM", "id": "rechnung@suess.example"}},
        {"archived_at": "2026-01-01T00:00:00.000Z"},
        {"shipping_address": {"city": "Halle", "country": "DE"}, "legal_id": "HRB 4711"},
    ],
)
def test_valid_identifiers_are_stored_as_given(api: Client, fields: dict[str, object]) -> None:
    """A30: XRechnung per customer with a Leitweg-ID. Identifiers of unknown form are not checked."""
    customer = api.post("/customers", customer_json(**fields)).ok(201)
    for name, value in fields.items():
        kept = customer[name]
        assert ({key: kept[key] for key in value} if isinstance(value, dict) else kept) == value


def test_all_mistakes_are_reported_together(api: Client) -> None:
    answer = api.post("/customers", customer_json(tax_id="DE1", leitweg_id="1"))
    assert [error["pointer"] for error in answer.json["errors"]] == ["/tax_id", "/leitweg_id"]


def test_an_external_id_is_unique_in_its_tenant(api: Client, stranger: Client) -> None:
    api.post("/customers", customer_json(external_id="K-7")).ok(201)
    again = api.post("/customers", customer_json(external_id="K-7"))
    assert (again.status, again.code, again.json["errors"][0]["pointer"]) == (
        409,
        "DUPLICATE_EXTERNAL_ID",
        "/external_id",
    )
    stranger.post("/customers", customer_json(external_id="K-7")).ok(201)


def test_an_owner_is_a_user_of_the_tenant(api: Client, stranger: Client) -> None:
    assert api.user
    assert stranger.user
    assert api.post("/customers", customer_json(owner_id=api.user.id)).ok(201)["owner_id"] == api.user.id
    answer = api.post("/customers", customer_json(owner_id=stranger.user.id))
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (404, "USER_NOT_FOUND", "/owner_id")
