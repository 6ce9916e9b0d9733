"""GET /dunning-rules: A27."""

from tests.aws import AwsCalls
from tests.builders import rule_json
from tests.gateway import Client


def test_a_company_sees_its_levels_newest_first(api: Client, stranger: Client, aws: AwsCalls) -> None:
    made = [api.post("/dunning-rules", rule_json(level=n, days_overdue=9)).ok(201)["id"] for n in (1, 2, 3)]
    with aws.only("list_dunning_rules") as calls:
        page = api.get("/dunning-rules?limit=2").ok()
    assert calls.names == {"dynamodb:Query": 1, "secretsmanager:GetSecretValue": 1}
    rest = api.get(f"/dunning-rules?limit=2&cursor={page['next_cursor']}").ok()
    assert sorted(one["id"] for one in (*page["data"], *rest["data"])) == sorted(made)
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert stranger.get("/dunning-rules").ok()["data"] == []
