"""PATCH /dunning-rules/{rule_id}: A27."""

from tests.builders import rule_json
from tests.gateway import Client


def test_a_changed_level_stays_consistent_with_the_others(api: Client) -> None:
    first = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    second = f"/dunning-rules/{api.post('/dunning-rules', rule_json(level=2, days_overdue=8)).ok(201)['id']}"
    assert api.patch(first, {"days_overdue": 3, "enabled": False}).ok()["version"] == 2
    assert api.patch(first, {"due_in_days": 8}).json["errors"][0]["pointer"] == "/due_in_days"
    assert api.patch(second, {"days_overdue": 7}).json["errors"][0]["pointer"] == "/days_overdue"
    assert api.patch(second, {"level": 1}).code == "DUPLICATE_LEVEL"
    assert api.patch(second, {"level": 3}).ok()["level"] == 3
    api.post("/dunning-rules", rule_json(level=2, days_overdue=8, due_in_days=7)).ok(201)


def test_a_stale_if_match_changes_nothing(api: Client) -> None:
    path = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    api.patch(path, {"days_overdue": 3}).ok()
    stale = api.patch(path, {"days_overdue": 4}, headers={"If-Match": '"1"'})
    assert (stale.status, api.get(path).ok()["days_overdue"]) == (412, 3)


def test_a_rule_of_another_tenant_is_not_found(api: Client, stranger: Client) -> None:
    path = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    assert stranger.patch(path, {"days_overdue": 3}).code == "RULE_NOT_FOUND"
