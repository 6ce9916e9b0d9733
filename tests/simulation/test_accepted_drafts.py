"""A finalized document can be rendered, sent, credited and canceled, with any values.

Drafts are generated from the contract's own schema: any field may have any value that its type allows. The contract may
refuse a draft, or refuse to finalize it. Once a number is used, nothing may fail any more.
"""

import copy
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.discovery import endpoints
from tests.answers import followed, operation
from tests.builders import customer_json, invoice_json, line_json
from tests.events import deliver, details
from tests.gateway import Client, Response

Json = dict[str, Any]
TEXTS = [
    "x", "🙂", "שלום", "日本語 100 %", "a\u202eb", "]]>", "<b>&amp;\"'", "{total} {n}", "#let x = 1", "$x^2$", "\\",
    "@", "=1", "a" * 35, "\u2013" * 200, "\u2028", "\ufdd0", "\U0001fffe", "e\u0301", "*_`~#[](){}", "0", "-", "..",
    "//x", "=SUM(A1)", "\u00ad",
]  # fmt: skip
LONG_TEXTS = [*TEXTS, "x\n" * 50, "word " * 900, f"{'-' * 40}\n\n\n", "a" * 5_000, "🙂" * 300]
AMOUNTS = ["0.00", "0.01", "100.00", "119.00", "999999999999999.99", "0", "1", "0.001", "-1.00"]
FINE = [*AMOUNTS, "0.0000000001", "0.3333333333", "1000000", "-3", "999999999999999.9999999999"]
PERCENTS = ["0", "0.0001", "7.7", "19", "25", "99.9999", "100", "999.9999"]
DAYS = ["1900-01-01", "2200-12-31", "2026-02-28", "2026-03-10", "2026-03-11", "2025-01-01"]
CODES = {
    "^[A-Z]{3}$": ["EUR", "JPY", "KWD", "USD", "CLF", "XXX"],
    "^[A-Z]{2}$": ["DE", "AT", "FR", "US", "CH", "IT", "GR", "XI", "ZZ"],
    "^[a-z]{2}(-[A-Z]{2})?$": ["de", "en", "fr", "de-AT", "fr-CH", "es", "xx"],
    "^[A-Z0-9]{2,3}$": ["C62", "HUR", "KGM", "XPK", "ZZ", "00"],
    "^[0-9A-Z]{2,4}$": ["9930", "0204", "0088", "EM", "ZZZZ"],
    "^[0-9]{4,6}$": ["0000", "424242"],
    "^[0-9]{4}$": ["0088", "0184", "0199", "0248", "0092"],
    r"^https?://[^\s]+$": ["https://example.com/a", "http://x", "https://ä.example/#|"],
}
BASE = invoice_json(
    customer=customer_json(
        electronic_address={"scheme": "EM", "id": "einkauf@suess.example"}, leitweg_id="991-01484-64"
    ),
    customer_address={"country": "DE", "line1": "Weg 1", "postal_code": "28199", "city": "Bremen"},
    ship_to={"country": "DE", "postal_code": "28199", "city": "Bremen"},
    service_period={"start": "2026-02-01", "end": "2026-02-28"},
    payment_terms={"days": 14, "discount_percent": "2", "discount_days": 7},
    discount={"percent": "5", "reason": "Treue"},
    shipping={"amount": "4.90"},
    references=[{"number": "INV-1", "issue_date": "2026-01-01"}],
    buyer_reference="991-01484-64",
    payment_method="sepa_direct_debit",
    mandate={"reference": "M-7"},
    custom_attributes=[{"name": "a", "value": "b"}],
    lines=[line_json(period={"start": "2026-02-01", "end": "2026-02-02"}), line_json(quantity="-1")],
)
BASE["customer"].pop("payment_terms")
OPTIONAL = sorted(BASE.keys() - {"customer", "lines", "currency"})
OWNED = {"/customer_id", "/order_id", "/references/0/invoice_id", "/bank_account_id"}
"""The fields that refer to other objects of the tenant."""
[CREATE] = [one for _, one in endpoints() if (one.method, one.path) == ("POST", "/invoices")]


def leaves(schema: Json, path: str = "", depth: int = 0) -> Iterator[tuple[str, Json]]:
    """Every place of a value in a schema, arrays by their first entry."""
    schema = followed(schema)
    for choice in (one for kind in ("anyOf", "oneOf") for one in schema.get(kind, ())):
        if followed(choice).get("type") not in ("null", "integer"):
            yield from leaves(choice, path, depth)
    for name, inner in schema.get("properties", {}).items():
        yield from leaves(inner, f"{path}/{name}", depth + 1)
    if "items" in schema:
        yield from leaves(schema["items"], f"{path}/0", depth + 1)
    if schema.get("type") in ("string", "boolean", "integer") or "enum" in schema or "const" in schema:
        yield path, schema


def values_of(schema: Json) -> list[Any]:
    """Values of a type that are allowed and unusual."""
    if "enum" in schema:
        return list(schema["enum"])
    if schema.get("type") == "boolean":
        return [True, False]
    if schema.get("type") == "integer":
        return [schema.get("minimum", 0), schema.get("maximum", 100), 7]
    if schema.get("format") == "date":
        return DAYS
    pattern = schema.get("pattern", "")
    if pattern in CODES:
        return CODES[pattern]
    if "{1,10}" in pattern:
        return FINE
    if "[0-9]{0,14}" in pattern:
        return AMOUNTS
    if "[0-9]{0,2}" in pattern:
        return PERCENTS
    return LONG_TEXTS if schema.get("maxLength", 0) > 200 else [*TEXTS, *schema.get("examples", ())]


PLACES = [
    (path, values_of(schema))
    for content in operation(CREATE)["requestBody"]["content"].values()
    for path, schema in leaves(content["schema"])
    if path not in OWNED
]


def with_value(body: Json, path: str, value: Any) -> Json:
    """The body with a value at a place. Missing objects on the path are created."""
    found = copy.deepcopy(body)
    inner: Any = found
    names = path.split("/")[1:]
    last = names[-1]
    for step, following in pairwise(names):
        missing: Any = [{}] if following == "0" else {}
        inner = inner[0] if step == "0" else inner.setdefault(step, missing)
        if following == "0" and not inner:
            inner.append({})
    if last == "0":
        inner[:1] = [value]
    else:
        inner[last] = value
    return found


@st.composite
def drafts(draw: st.DrawFn) -> Json:
    """A valid draft without some of its fields, and with unusual values in a few places."""
    body = {name: value for name, value in BASE.items() if name not in OPTIONAL}
    body |= {name: BASE[name] for name in OPTIONAL if draw(st.booleans())}
    if "payment_method" not in body:
        body.pop("mandate", None)
    for path, values in draw(st.lists(st.sampled_from(PLACES), max_size=5)):
        body = with_value(body, path, draw(st.sampled_from(values)))
    return body


def answered(response: Response) -> Response:
    """An error of the contract is no fault; a 500 is."""
    assert response.status < 500, response.text
    return response


def render(id_: str) -> None:
    """Render an issued document's files."""
    finalized = [one for one in details("invoice.finalized") if one["resource"]["id"] == id_]
    assert deliver("render_document", *finalized) == [], "the document cannot be rendered"


def life(api: Client, body: Json) -> bool:
    """Run a draft through all possible actions. Returns whether it was accepted."""
    created = answered(api.post("/invoices", body))
    if created.status != 201:
        return False
    path = f"/invoices/{created.json['id']}"
    answered(api.get(f"{path}/preview"))
    answered(api.get(f"{path}/explain"))
    if answered(api.post(f"{path}/finalize")).status != 200:
        return False
    issued = api.get(path).ok()
    render(issued["id"])
    for format_ in ("zugferd", "xrechnung_ubl"):
        answered(api.get(f"{path}/xml?format={format_}"))
    assert answered(api.post(f"{path}/send", {"to": ["buyer@example.com"]})).status == 202
    asked = [one for one in details("email.requested") if one["resource"]["id"] == issued["id"]]
    assert deliver("send_email", *asked) == [], "the document cannot be mailed"
    note = answered(api.post(f"{path}/credit", {"lines": [{"line_id": issued["lines"][0]["id"]}]}))
    if note.status == 201:
        render(note.json["id"])
    canceled = answered(api.post(f"{path}/cancel", {}))
    assert canceled.status == 200 or canceled.code in ("NOTHING_TO_CANCEL", "INVALID_STATE"), canceled.text
    if canceled.status == 200:
        render(api.get(path).ok()["cancellation_id"])
    return True


@pytest.mark.parametrize("format_", ["none", "zugferd"])
@pytest.mark.usefixtures("einvoicing")
def test_an_issued_document_never_fails_later(api: Client, format_: str) -> None:
    api.patch("/tenant", {"einvoice_format": format_}).ok()
    accepted = 0

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drafts())
    def property_(body: Json) -> None:
        nonlocal accepted
        accepted += life(api, body)

    property_()
    assert life(api, BASE), json.dumps(BASE)
    assert accepted, "no draft was accepted, so nothing was tried"
