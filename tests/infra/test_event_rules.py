"""The rules by which events reach the queues of their consumers."""

from tests.infra.templates import Templates


def test_documents_of_runs_have_a_queue_of_their_own(templates: Templates) -> None:
    """So that no other document waits behind a thousand documents of a run."""
    rules = templates.service.all("AWS::Events::Rule")
    conditions = {
        id_.partition("Rule")[0]: rule["EventPattern"]["detail"]
        for id_, rule in rules.items()
        if id_.startswith("Render") and "invoice.finalized" in rule["EventPattern"]["detail-type"]
    }
    assert conditions == {
        "RenderDocument": {"data": {"details": {"billing_run_id": [{"exists": False}]}}},
        "RenderRunDocument": {"data": {"details": {"billing_run_id": [{"exists": True}]}}},
    }
