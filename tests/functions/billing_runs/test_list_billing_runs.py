"""GET /billing-runs"""

from datetime import timedelta

from tests import billing
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.gateway import Client


def test_runs_are_filtered_by_status_source_and_start(api: Client, aws: AwsCalls, at: Clock) -> None:
    first = billing.start(api, billing.drafts(api, 1))
    billing.finished(api, aws, first)
    at.now += timedelta(hours=1)
    second = billing.start(api, billing.drafts(api, 1))

    def listed(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"/billing-runs?{query}").ok()["data"]]

    assert listed("") == [second["id"], first["id"]]
    assert listed("source=drafts&order=asc") == [first["id"], second["id"]]
    assert listed("status=completed") == [first["id"]]
    assert listed("started_from=2026-03-10T12:30:00Z") == [second["id"]]
    assert api.get("/billing-runs").ok()["data"][1]["counts"]["finalized"] == 1
