"""POST /invoices: B22, D01, E01, E06, E09, E17."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json, order_json
from tests.gateway import Client


def test_a_draft_is_computed_and_has_no_number(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert (draft["status"], draft["number"]) == ("draft", None)
    assert (draft["subtotal"], draft["tax"], draft["total"], draft["due"]) == ("100.00", "19.00", "119.00", "0.00")
    assert draft["lines"][0]["id"].startswith("lin_")
    breakdown = {"category": "S", "rate": "19", "taxable": "100.00", "tax": "19.00"}
    assert breakdown.items() <= draft["tax_breakdown"][0].items()


def test_a_created_draft_has_location_and_etag(api: Client) -> None:
    answer = api.post("/invoices", invoice_json())
    assert answer.headers["Location"] == f"/v1/invoices/{answer.json['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]


def test_if_match_on_a_create_ignores_the_tenants_version(api: Client) -> None:
    api.post("/invoices", invoice_json(), headers={"If-Match": '"7"'}).ok(201)


def test_it_takes_two_round_trips(api: Client, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    with aws.only("create_invoice") as calls:
        api.post("/invoices", invoice_json(customer_id=customer["id"])).ok(201)
    assert calls.names == {"dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_currency_and_language_default_to_customer_then_tenant(api: Client) -> None:
    swiss = api.post("/customers", customer_json(currency="CHF", language="fr")).ok(201)
    theirs = api.post("/invoices", {"customer_id": swiss["id"]}).ok(201)
    assert (theirs["currency"], theirs["language"], theirs["customer_name"]) == ("CHF", "fr", swiss["name"])
    ours = api.post("/invoices", {}).ok(201)
    assert (ours["currency"], ours["language"]) == ("EUR", "de")


def test_a_draft_can_have_a_customer_of_its_own(api: Client) -> None:
    inline = {"name": "Laufkundschaft", "type": "person"}
    assert api.post("/invoices", invoice_json(customer=inline)).ok(201)["customer"]["name"] == "Laufkundschaft"


def test_a_draft_has_at_most_one_customer(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    answer = api.post("/invoices", invoice_json(customer_id=customer["id"], customer={"name": "x"}))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/customer")


def test_an_unknown_customer_is_named(api: Client, stranger: Client) -> None:
    theirs = stranger.post("/customers", customer_json()).ok(201)["id"]
    answer = api.post("/invoices", invoice_json(customer_id=theirs))
    assert (answer.status, answer.code) == (404, "CUSTOMER_NOT_FOUND")
    assert answer.json["errors"][0]["pointer"] == "/customer_id"


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        ({"unit_price": 50}, "/lines/0/unit_price", "INVALID_TYPE"),
        ({"unit_price": True}, "/lines/0/unit_price", "INVALID_TYPE"),
        ({"unit_price": "5e1"}, "/lines/0/unit_price", "VALIDATION_ERROR"),
        ({"unit_price": "-1.00"}, "/lines/0/unit_price", "VALIDATION_ERROR"),
        ({"quantity": 1.5}, "/lines/0/quantity", "INVALID_TYPE"),
        ({"price_base_quantity": "0"}, "/lines/0/price_base_quantity", "VALIDATION_ERROR"),
        ({"surprise": 1}, "/lines/0/surprise", "VALIDATION_ERROR"),
        ({"net": "1.00"}, "/lines/0/net", "VALIDATION_ERROR"),
        ({"tax": {"category": "S", "rate": "0"}}, "/lines/0/tax/rate", "VALIDATION_ERROR"),
        ({"discount": {"amount": "1.5"}}, "/lines/0/discount/amount", "VALIDATION_ERROR"),
        ({"discount": {"percent": "5", "amount": "1.00"}}, "/lines/0/discount", "VALIDATION_ERROR"),
    ],
)
def test_a_mistake_in_a_line_has_a_pointer(api: Client, line: dict[str, object], pointer: str, code: str) -> None:
    answer = api.post("/invoices", invoice_json(lines=[line_json(**line)]))
    assert (answer.status, answer.code) == (400, code)
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"payee": {"name": "Factor AG", "id": "1", "id_scheme": "0088"}}, "/payee/id"),
        ({"payee": {"name": "Factor AG", "legal_id": "1", "legal_id_scheme": "0092"}}, "/payee/legal_id_scheme"),
        ({"ship_to": {"country": "DE", "location_id": "1", "location_id_scheme": "0088"}}, "/ship_to/location_id"),
        ({"ship_to": {"city": "Bremen"}}, "/ship_to/country"),
        ({"ship_to": {"location_id_scheme": "0088"}}, "/ship_to"),
        ({"supporting_documents": [{"reference": "A", "url": "javascript:a()"}]}, "/supporting_documents/0/url"),
    ],
)
def test_a_mistake_in_an_identifier_has_a_pointer(api: Client, fields: dict[str, object], pointer: str) -> None:
    answer = api.post("/invoices", invoice_json(**fields))
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (400, [pointer])


@pytest.mark.parametrize("field", ["id", "tenant_id", "number", "status", "paid", "total", "created_by", "version"])
def test_fields_of_the_server_are_refused(api: Client, field: str) -> None:
    answer = api.post("/invoices", invoice_json(**{field: "1"}))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"/{field}")


def test_returns_that_outweigh_the_goods_are_refused(api: Client) -> None:
    answer = api.post("/invoices", invoice_json(lines=[line_json(quantity="-1")]))
    assert (answer.status, answer.code) == (422, "NEGATIVE_TOTAL")


def test_a_discount_larger_than_the_line_is_refused(api: Client) -> None:
    answer = api.post("/invoices", invoice_json(lines=[line_json(discount={"amount": "100.01"})]))
    assert (answer.status, answer.code) == (422, "DISCOUNT_EXCEEDS_AMOUNT")


def test_a_due_date_before_the_issue_date_is_refused(api: Client) -> None:
    answer = api.post("/invoices", invoice_json(issue_date="2026-03-02", due_date="2026-03-01"))
    assert (answer.status, answer.code) == (422, "DATE_NOT_ALLOWED")


def test_a_thousand_lines_fit(api: Client) -> None:
    lines = [line_json(name=f"Teil {number}", description="x" * 400) for number in range(1_000)]
    draft = api.post("/invoices", invoice_json(lines=lines)).ok(201)
    assert draft["total"] == "119000.00"
    assert len(api.get(f"/invoices/{draft['id']}").ok()["lines"]) == 1_000
    answer = api.post("/invoices", invoice_json(lines=[*lines, line_json()]))
    assert answer.status == 400


def test_a_repeated_request_replays_the_response(api: Client) -> None:
    first = api.post("/invoices", invoice_json(), headers={"Idempotency-Key": "a"})
    again = api.post("/invoices", invoice_json(), headers={"idempotency-key": "a"})
    assert (again.status, again.text, again.headers["Idempotency-Replayed"]) == (201, first.text, "true")
    assert (again.headers["ETag"], again.headers["Location"]) == (first.headers["ETag"], first.headers["Location"])
    assert len(api.get("/invoices").ok()["data"]) == 1


def test_a_key_used_for_another_request_is_refused(api: Client) -> None:
    api.post("/invoices", invoice_json(), headers={"Idempotency-Key": "a"}).ok(201)
    answer = api.post("/invoices", invoice_json(currency="USD"), headers={"Idempotency-Key": "a"})
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_references_of_a_draft_belong_to_the_tenant(api: Client, stranger: Client) -> None:
    customer = stranger.post("/customers", customer_json()).ok(201)["id"]
    order = stranger.post("/orders", order_json(customer_id=customer)).ok(201)["id"]
    earlier = stranger.post("/invoices", invoice_json()).ok(201)["id"]
    ours = api.post("/invoices", invoice_json()).ok(201)["id"]
    references = [{"invoice_id": id_, "number": "INV-1"} for id_ in (ours, earlier)]
    answer = api.post("/invoices", invoice_json(order_id=order, references=references))
    assert (answer.status, answer.code) == (422, "REFERENCE_NOT_FOUND")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/order_id", "/references/1/invoice_id"]
    assert len(api.get("/invoices").ok()["data"]) == 1
    named = api.post("/invoices", invoice_json(references=[*references[:1], {"number": "OLD-7"}])).ok(201)
    assert [one["invoice_id"] for one in named["references"]] == [ours, None]


def test_prepaid_money_refers_to_own_documents(api: Client, stranger: Client) -> None:
    earlier = stranger.post("/invoices", invoice_json()).ok(201)["id"]
    prepaid: dict[str, Any] = {
        "amount": "10.00",
        "references": [{"number": "OLD-7"}, {"invoice_id": earlier, "number": "INV-1"}],
    }
    answer = api.post("/invoices", invoice_json(prepaid=prepaid))
    assert (answer.status, answer.code) == (422, "REFERENCE_NOT_FOUND")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/prepaid/references/1/invoice_id"]
    prepaid["references"].pop()
    draft = api.post("/invoices", invoice_json(prepaid=prepaid)).ok(201)
    prepaid["references"].append({"invoice_id": earlier, "number": "INV-1"})
    changed = api.patch(f"/invoices/{draft['id']}", {"prepaid": prepaid})
    assert (changed.status, changed.code) == (422, "REFERENCE_NOT_FOUND")


def test_a_member_refers_only_to_documents_it_may_see(api: Client, sign_in: Callable[..., Client]) -> None:
    theirs = api.post("/invoices", invoice_json()).ok(201)["id"]
    member = sign_in(Role.MEMBER)
    mine = member.post("/invoices", invoice_json()).ok(201)["id"]
    for id_, status in ((mine, 201), (theirs, 422)):
        reference = {"invoice_id": id_, "number": "INV-1"}
        assert member.post("/invoices", invoice_json(references=[reference])).status == status


def test_two_tenants_do_not_share_idempotency_keys(api: Client, stranger: Client) -> None:
    ours = api.post("/invoices", invoice_json(), headers={"Idempotency-Key": "a"}).ok(201)
    theirs = stranger.post("/invoices", invoice_json(), headers={"Idempotency-Key": "a"}).ok(201)
    assert ours["id"] != theirs["id"]


@pytest.mark.parametrize(
    ("metadata", "fits"),
    [
        ({f"{number:040}": "x" * 500 for number in range(50)}, True),
        ({f"{number}": "x" for number in range(51)}, False),
        ({"k" * 41: "x"}, False),
        ({"": "x"}, False),
        ({"k": "x" * 501}, False),
        ({"k": 1}, False),
    ],
)
def test_metadata_is_limited(api: Client, metadata: dict[str, object], fits: bool) -> None:
    """D06: 50 keys of 40, values of 500 characters; on lines too."""
    for given in ({"metadata": metadata}, {"lines": [line_json(metadata=metadata)]}):
        answer = api.post("/invoices", invoice_json(**given))
        assert answer.status == (201 if fits else 400)
        assert fits or "/metadata" in answer.json["errors"][0]["pointer"]


def test_other_fields_are_stored_as_given(api: Client) -> None:
    """E05, E08, E15, B29: references, periods, attributes, terms with a cash discount, a reason for exemption."""
    exempt = {"category": "E", "exemption_reason": "§ 4 Nr. 21 UStG", "exemption_code": "VATEX-EU-132-1I"}
    said = {
        "purchase_order_id": "PO-7",
        "contract_reference": "V-9",
        "service_period": {"start": "2026-02-01", "end": "2026-02-28"},
        "custom_attributes": [{"name": "Projekt", "value": "Nord"}],
        "custom_objects": [
            {"type": "project", "id": "P-1", "name": "Nord", "url": "https://erp.example/P-1"},
            {"type": "deal", "id": "D-7", "name": None, "url": None},
        ],
        "payment_terms": {
            "days": 30,
            "discount_percent": "3",
            "discount_days": 10,
            "second_discount_percent": "2",
            "second_discount_days": 20,
        },
        "discount": {"percent": "5", "reason": "Treue"},
        "note": "Danke",
    }
    line = line_json(discount={"amount": "1.00", "reason": "Kratzer"}, tax=exempt, serial_number="S-1", warehouse="HH")
    draft = api.post("/invoices", invoice_json(lines=[line], shipping={"amount": "4.90"}, **said)).ok(201)
    assert said.items() <= {**draft, "discount": {key: draft["discount"][key] for key in said["discount"]}}.items()
    [shown] = draft["lines"]
    assert (shown["discount"]["reason"], shown["serial_number"], shown["warehouse"]) == ("Kratzer", "S-1", "HH")
    [breakdown] = draft["tax_breakdown"]
    assert (breakdown["exemption_reason"], breakdown["exemption_code"]) == ("§ 4 Nr. 21 UStG", "VATEX-EU-132-1I")
    assert (draft["discount_amount"], draft["shipping_cost"], draft["total"]) == ("4.95", "4.90", "98.95")


def test_a_language_without_texts_is_refused(api: Client) -> None:
    for body in (invoice_json(language="ja"), invoice_json(language="xx")):
        refused = api.post("/invoices", body)
        assert (refused.status, [error["pointer"] for error in refused.json["errors"]]) == (400, ["/language"])
    assert api.patch("/tenant", {"language": "ja"}).status == 400
    assert api.post("/customers", customer_json(language="ja")).status == 400
    assert api.post("/invoices", invoice_json(language="fr-CH")).ok(201)["language"] == "fr-CH"


ENTRIES = {
    "discount": {"percent": "10"},
    "allowances": [{"amount": "5.00", "reason": "Aktion", "tax": {"category": "S", "rate": "19"}}],
    "charges": [{"percent": "1", "reason": "Versicherung", "reason_code": "FI"}],
}


def test_responses_list_discount_and_shipping_as_entries(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(**ENTRIES, shipping={"amount": "4.90"})).ok(201)
    assert [one["amount"] for one in draft["allowances"]] == ["5.00", "10.00"]
    assert [(one["amount"], one["reason_code"]) for one in draft["charges"]] == [("1.00", "FI"), ("4.90", "FC")]
    assert (draft["discount_amount"], draft["shipping_cost"], draft["total"]) == ("15.00", "5.90", "108.17")
    assert draft["kpis"]["total_discount"] == "15.00"
    assert api.get(f"/invoices/{draft['id']}").ok()["allowances"] == draft["allowances"]


def test_a_percentage_follows_the_lines_of_a_changed_draft(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(**ENTRIES)).ok(201)
    changed = api.post(f"/invoices/{draft['id']}/lines", {"lines": [line_json()]}).ok(201)
    assert [one["amount"] for one in changed["allowances"]] == ["5.00", "20.00"]
    assert [one["amount"] for one in changed["charges"]] == ["2.00"]
    answer = api.patch(f"/invoices/{draft['id']}", {"allowances": [{"percent": "10"}]})
    assert (answer.status, answer.json["errors"][0]["message"]) == (
        400, "discount and an entry of allowances state the same; remove one (BG-20)",
    )  # fmt: skip
    assert api.patch(f"/invoices/{draft['id']}", {"discount": None, "allowances": [{"percent": "10"}]}).status == 200


def test_prepaid_and_rounding_lead_to_the_amount_due(api: Client) -> None:
    prepaid = {"amount": "50.00", "date": "2026-02-01", "references": [{"number": "AR-1"}]}
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, prepaid=prepaid, rounding="0.05")).ok(201)
    assert (draft["payable"], draft["prepaid_amount"], draft["rounding"], draft["due"]) == (
        "69.05", "50.00", "0.05", "0.00",
    )  # fmt: skip
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (issued["total"], issued["due"]) == ("119.00", "69.05")
    api.post(f"/invoices/{draft['id']}/payments", {"amount": "69.05"}).ok(201)
    paid = api.get(f"/invoices/{draft['id']}").ok()
    assert (paid["status"], paid["payment_status"], paid["payable"]) == ("paid", "paid", "69.05")
    (listed,) = api.get("/invoices").ok()["data"]
    assert (listed["payable"], listed["prepaid_amount"]) == ("69.05", "50.00")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"prepaid": {"amount": "5.0"}}, "/prepaid/amount"),
        ({"prepaid": {"amount": "0.00"}}, "/prepaid/amount"),
        ({"rounding": "0.005"}, "/rounding"),
        ({"allowances": [{"amount": "5.0"}]}, "/allowances/0/amount"),
        ({"charges": [{"percent": "5", "base": "1"}]}, "/charges/0/base"),
    ],
)
def test_an_amount_of_another_form_has_a_pointer(api: Client, fields: dict[str, Any], pointer: str) -> None:
    answer = api.post("/invoices", invoice_json(**fields))
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (400, [pointer])


@pytest.mark.parametrize(
    ("objects", "pointer"),
    [
        ([{"type": "project", "id": str(number)} for number in range(21)], "/custom_objects"),
        ([{"type": "project"}], "/custom_objects/0/id"),
        ([{"type": "x" * 41, "id": "1"}], "/custom_objects/0/type"),
        ([{"type": "project", "id": "1", "url": "javascript:alert(1)"}], "/custom_objects/0/url"),
    ],
)
def test_invalid_custom_objects_are_refused_with_a_pointer(api: Client, objects: list[Any], pointer: str) -> None:
    refused = api.post("/invoices", invoice_json(custom_objects=objects))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)
