"""The schemas of the events in EventBridge's registry."""

import json
from collections import Counter

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from infra.event_registry import MOST_CHARACTERS, MOST_SCHEMAS, registered, registry_of
from infra.event_schemas import event_schemas
from tests.contract.test_events import GOLDEN

REGISTERED = registered()
SAMPLES = json.loads(GOLDEN.read_text())["samples"]


@pytest.mark.parametrize("name", REGISTERED)
def test_a_schema_is_an_openapi_3_0_document_of_its_event(name: str) -> None:
    document = json.loads(REGISTERED[name])
    OpenAPIV30SpecValidator(document).validate()
    event = document["components"]["schemas"]["AWSEvent"]
    assert f"{event['x-amazon-events-source']}@{event['x-amazon-events-detail-type']}" == name
    assert len(REGISTERED[name]) <= MOST_CHARACTERS


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_fits_its_registered_schema(name: str) -> None:
    document = json.loads(REGISTERED[f"invoicing@{name}"])
    schema = {**document["components"]["schemas"][name], "components": document["components"]}
    OAS30Validator(schema).validate(SAMPLES[name])
    wrong = SAMPLES[name] | {"id": 1}
    assert not OAS30Validator(schema).is_valid(wrong)


def test_each_event_has_a_schema_and_the_registry_has_room() -> None:
    assert set(REGISTERED) == {f"invoicing@{name}" for name in event_schemas()}
    held = Counter(registry_of(name, "dev") for name in REGISTERED)
    assert held.keys() == {"dev", "dev-bank", "dev-collection", "dev-subscription", "dev-webhook"}
    assert max(held.values()) <= MOST_SCHEMAS


def test_details_keep_their_fields_and_types() -> None:
    schemas = json.loads(REGISTERED["invoicing@invoice.payment_recorded"])["components"]["schemas"]
    data = schemas["invoice.payment_recorded"]["properties"]["data"]["properties"]
    details = schemas[data["details"]["$ref"].rpartition("/")[2]]
    original = event_schemas()["invoice.payment_recorded"]["$defs"]["PaymentRecorded"]
    assert set(details["properties"]) == set(original["properties"])
    assert details["properties"]["amount"]["type"] == "string"
    assert schemas["invoice.payment_recorded"]["properties"]["actor"] == {
        "$ref": "#/components/schemas/EventActorOrNull"
    }
    assert schemas["EventActorOrNull"]["nullable"] is True
