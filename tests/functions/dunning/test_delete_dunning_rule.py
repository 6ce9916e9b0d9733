"""DELETE /dunning-rules/{rule_id}."""

from tests.builders import rule_json
from tests.gateway import Client


def test_a_deleted_level_can_be_created_again(api: Client) -> None:
    path = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    api.delete(path).ok(204)
    assert api.get(path).code == "RULE_NOT_FOUND"
    assert api.delete(path).code == "RULE_NOT_FOUND"
    api.post("/dunning-rules", rule_json()).ok(201)
