"""Within a version, events change only so that existing consumers still understand them."""

import copy
from typing import Any

import pytest

from infra.event_schemas import bundle
from infra.event_versions import breaking_changes

EVENT = "invoice.payment_recorded"


def changed(definition: str, field: str, **to: Any) -> dict[str, Any]:
    """The bundle with another schema of a field; without `to`, the field is removed."""
    new = copy.deepcopy(bundle())
    properties = new["$defs"][definition]["properties"]
    if to:
        properties[field] = to
    else:
        del properties[field]
    return new


def test_the_same_schemas_are_compatible() -> None:
    assert breaking_changes(bundle(), bundle()) == []


def test_new_fields_and_events_are_compatible() -> None:
    new = changed("PaymentRecorded", "new_field", type="string")
    new["$defs"]["invoice.new"] = new["$defs"][EVENT]
    new["oneOf"].append({"$ref": "#/$defs/invoice.new"})
    assert breaking_changes(bundle(), new) == []


def test_new_values_of_enumerations_are_compatible() -> None:
    schema = bundle()["$defs"]["DocumentStatus"]
    new = copy.deepcopy(bundle())
    new["$defs"]["DocumentStatus"] = {**schema, "enum": [*schema["enum"], "new_status"]}
    assert breaking_changes(bundle(), new) == []


@pytest.mark.parametrize(
    ("definition", "field", "to", "line"),
    [
        ("PaymentRecorded", "amount", {}, f"{EVENT}.data.details.amount: the field is removed"),
        (
            "PaymentRecorded",
            "amount",
            {"type": "number"},
            f"{EVENT}.data.details.amount: type is 'number' instead of 'string'",
        ),
        ("InvoiceSummary", "total", {}, f"{EVENT}.data.object.total: the field is removed"),
        (
            "EventResource",
            "version",
            {"type": "string"},
            f"{EVENT}.resource.version: type is 'string' instead of 'integer'",
        ),
    ],
)
def test_a_removed_or_retyped_field_breaks(definition: str, field: str, to: dict[str, Any], line: str) -> None:
    assert line in breaking_changes(bundle(), changed(definition, field, **to))


def test_a_field_that_can_be_missing_or_null_breaks() -> None:
    new = copy.deepcopy(bundle())
    new["$defs"]["PaymentRecorded"]["required"].remove("amount")
    new["$defs"][EVENT]["properties"]["resource"] = {"anyOf": [{"$ref": "#/$defs/EventResource"}, {"type": "null"}]}
    found = breaking_changes(bundle(), new)
    assert f"{EVENT}.data.details.amount: the field can be missing" in found
    assert f'{EVENT}.resource: the value can be "null"' in found


def test_a_field_that_events_leave_out_can_be_null() -> None:
    fields = bundle()["$defs"]["Transaction"]["properties"]
    old = changed("Transaction", "due_on", **fields["due_on"]["anyOf"][0])
    assert breaking_changes(old, bundle()) == []
    assert breaking_changes(bundle(), old) == []
    assert breaking_changes(old, changed("Transaction", "due_on", anyOf=[{"type": "integer"}, {"type": "null"}])) != []


def test_a_removed_event_breaks() -> None:
    new = copy.deepcopy(bundle())
    new["oneOf"] = [one for one in new["oneOf"] if not one["$ref"].endswith(EVENT)]
    assert breaking_changes(bundle(), new) == [f"{EVENT}: the event is removed"]
