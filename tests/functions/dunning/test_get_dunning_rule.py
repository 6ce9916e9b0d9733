"""GET /dunning-rules/{rule_id}."""

from invoicing.core.ids import new_id
from tests.builders import NOON, rule_json
from tests.gateway import Client


def test_a_rule_is_retrieved_by_its_own_tenant_only(api: Client, stranger: Client) -> None:
    path = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    assert api.get(path).ok()["days_overdue"] == 7
    assert stranger.get(path).code == "RULE_NOT_FOUND"
    assert api.get(f"/dunning-rules/{new_id('rul', NOON)}").code == "RULE_NOT_FOUND"
