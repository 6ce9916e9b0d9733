"""The alarms of a stage and its dashboard."""

import json
import re

import pytest

from infra.discovery import deployed
from infra.event_schemas import all_events
from infra.thresholds import Thresholds
from invoicing.http.declaration import Endpoint
from invoicing.outbox.publishing import COUNTED_EVENTS
from tests.infra.templates import Templates, plain

_ABOUT_ALL = {
    "AuthorizerErrors",
    "Bounces",
    "Complaints",
    "DeferredEmails",
    "LateEvents",
    "ServerErrors",
    "ThrottledRequests",
    "UnpublishableEvents",
    "Unexpected",
}
"""The alarms about the whole stage."""


def test_one_alarm_watches_each_kind_of_trouble(templates: Templates) -> None:
    alarms = templates.service.all("AWS::CloudWatch::Alarm")
    watched = [one.name for one in deployed() if isinstance(one.declaration, Endpoint) and one.declaration.canary]
    canaries = {f"Canary{name.replace('_', '')}" for name in watched}
    kinds = _ABOUT_ALL | {"Failures", "StreamAge", "Schedules", "RenderingLate", "RunRenderingLate"}
    # One adds up ten queues at most.
    assert {id_.rpartition(".")[2][:-8].removesuffix("Alarm").rstrip("123") for id_ in alarms} == kinds | canaries
    [(id_, topic)] = templates.api.all("AWS::SNS::Topic").items()
    arn = f"arn:<AWS::Partition>:sns:<AWS::Region>:<AWS::AccountId>:{topic['TopicName']}"
    for alarm in alarms.values():
        assert [plain(action) for action in alarm["AlarmActions"]] in ([f"<{id_}>"], [arn])
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(alarm.get("Metrics", ())) <= 11


def test_the_alarms_for_dead_letters_see_every_dead_letter_queue(templates: Templates) -> None:
    for stack in templates.of_functions:
        watched = {
            plain(metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]).strip("<>").split(".")[0]
            for id_, alarm in stack.all("AWS::CloudWatch::Alarm").items()
            if id_.startswith("Failures")
            for metric in alarm["Metrics"]
            if "MetricStat" in metric
        }
        assert watched == {id_ for id_ in stack.all("AWS::SQS::Queue") if "Failures" in id_}


def test_alarms_see_their_own_stage_only(templates: Templates) -> None:
    """Each metric has a dimension or a name of the stage: another stage of the account raises none of them."""
    for stack in templates.stacks:
        for id_, alarm in stack.all("AWS::CloudWatch::Alarm").items():
            metrics = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
            for metric in metrics or [alarm]:
                dimensions = [plain(one["Value"]) for one in metric.get("Dimensions", ())]
                own = [one for one in dimensions if one.startswith(("invoicing-dev", "<", "Invoicing"))]
                assert own or metric["MetricName"].endswith("-dev"), (id_, metric)


def test_throttled_requests_are_counted_in_the_access_log(templates: Templates) -> None:
    counted = templates.api.one("AWS::Logs::MetricFilter")
    assert counted["FilterPattern"] == '{ $.status = "429" }'
    logged = json.loads(templates.api.one("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])
    assert logged["status"] == "$context.status"
    [metric] = counted["MetricTransformations"]
    [alarm] = [one for id_, one in templates.api.all("AWS::CloudWatch::Alarm").items() if id_.startswith("Throttled")]
    assert (metric["MetricNamespace"], metric["MetricName"]) == (alarm["Namespace"], alarm["MetricName"])


def test_each_threshold_is_that_of_its_alarms(everything: Templates) -> None:
    set_in_stage = {
        "server_errors": (11, {"ServerErrors"}),
        "unexpected_errors": (12, {"Unexpected", "Schedules", "Canarygetinvoice", "Canaryopendownload"}),
        "authorizer_errors": (13, {"AuthorizerErrors"}),
        "throttled_requests": (14, {"ThrottledRequests"}),
        "dead_letters": (15, {"Failures"}),
        "late_events": (16, {"LateEvents"}),
        "deferred_emails": (17, {"DeferredEmails"}),
        "stream_seconds": (61_000, {"StreamAge"}),
        "rendering_seconds": (301, {"RenderingLate"}),
        "run_rendering_seconds": (7_201, {"RunRenderingLate"}),
        "unpublishable_events": (18, {"UnpublishableEvents"}),
        "bounce_percent": (0.02, {"Bounces"}),
        "complaint_percent": (0.002, {"Complaints"}),
    }
    assert set_in_stage.keys() == Thresholds.model_fields.keys() - {"cost_usd"}
    found: dict[float, set[str]] = {}
    for stack in everything.stacks:
        for id_, alarm in stack.all("AWS::CloudWatch::Alarm").items():
            kind = re.sub(r"\d?Alarm\w*$", "", id_)
            # An alarm of a new version ends its deployment at the first error; no setting changes that.
            if not kind.endswith("Version"):
                found.setdefault(float(alarm["Threshold"]), set()).add(kind)
    no_setting = {0: {"Deployment"}}
    assert found == dict(set_in_stage.values()) | no_setting


@pytest.mark.parametrize(
    ("kind", "queues"),
    [("RenderingLate", {"RenderDocument", "RenderDunningDocument"}), ("RunRenderingLate", {"RenderRunDocument"})],
)
def test_alarms_about_rendering_see_the_queues_of_renderers(templates: Templates, kind: str, queues: set[str]) -> None:
    [alarm] = [
        alarm
        for stack in templates.of_functions
        for id_, alarm in stack.all("AWS::CloudWatch::Alarm").items()
        if id_.startswith(kind)
    ]
    metrics = [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]
    assert {plain(one["Dimensions"][0]["Value"]).strip("<").partition("Events")[0] for one in metrics} == queues
    assert {one["MetricName"] for one in metrics} == {"ApproximateAgeOfOldestMessage"}


def test_ages_are_compared_and_not_added(templates: Templates) -> None:
    """The oldest document of each queue can wait for 200 seconds without any that waits for 300."""
    expressions = {
        id_.partition("Alarm")[0]: metric["Expression"]
        for stack in templates.of_functions
        for id_, alarm in stack.all("AWS::CloudWatch::Alarm").items()
        for metric in alarm.get("Metrics", ())
        if "Expression" in metric and id_.startswith(("RenderingLate", "StreamAge"))
    }
    assert expressions.keys() == {"RenderingLate", "StreamAge"}
    assert expressions["RenderingLate"] == "MAX([FILL(m0, 0), FILL(m1, 0)])"
    assert expressions["StreamAge"].startswith("MAX([")


def test_unusual_costs_of_the_stage_are_an_alarm_by_setting(templates: Templates, everything: Templates) -> None:
    assert templates.service.all("AWS::CE::AnomalyMonitor") == {}
    monitor = everything.service.one("AWS::CE::AnomalyMonitor")
    tagged = {"Tags": {"Key": "service", "Values": ["invoicing-everything"]}}
    assert json.loads(monitor["MonitorSpecification"]) == tagged
    subscription = everything.service.one("AWS::CE::AnomalySubscription")
    assert json.loads(subscription["ThresholdExpression"])["Dimensions"]["Values"] == ["50"]
    [topic] = everything.api.all("AWS::SNS::Topic")
    assert [plain(one["Address"]) for one in subscription["Subscribers"]] == [f"<{topic}>"]
    # The policy replaces the default one, so it has to admit the alarms too.
    [policy] = everything.service.all("AWS::SNS::TopicPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert set(statement["Principal"]["Service"]) == {"costalerts.amazonaws.com", "cloudwatch.amazonaws.com"}


def test_the_dashboard_shows_the_business(templates: Templates) -> None:
    shown = plain(templates.api.one("AWS::CloudWatch::Dashboard")["DashboardBody"])
    for metric in (*COUNTED_EVENTS.values(), "DunningSkipped"):
        assert f'"Invoicing","{metric}","service","invoicing-dev"' in shown
    assert COUNTED_EVENTS.keys() <= {event.name for event in all_events()}


def test_every_sent_and_bounced_mail_is_counted() -> None:
    """SES names each message that it accepted, and each one that came back."""
    fields = {event.name: event.model_fields.keys() for event in all_events()}
    for metric, own in (("EmailsSent", "attempts"), ("EmailsBounced", "kind")):
        expected = {name for name, found in fields.items() if {"message_id", own} <= found}
        assert {name for name, counted in COUNTED_EVENTS.items() if counted == metric} == expected


def test_alarms_about_a_function_are_in_its_stack(templates: Templates) -> None:
    names = {alarm["AlarmName"] for alarm in templates.api.all("AWS::CloudWatch::Alarm").values()}
    assert names == {f"invoicing-dev-{kind}" for kind in _ABOUT_ALL}
    for stack in templates.of_functions:
        assert all(
            alarm["AlarmName"].startswith(f"{stack.name}-") for alarm in stack.all("AWS::CloudWatch::Alarm").values()
        )


def test_the_dashboard_shows_every_alarm(templates: Templates) -> None:
    shown = plain(templates.api.one("AWS::CloudWatch::Dashboard")["DashboardBody"])
    ids = [id_.rpartition(".")[2] for id_ in templates.api.all("AWS::CloudWatch::Alarm")]
    names = [
        alarm["AlarmName"] for stack in templates.of_functions for alarm in stack.all("AWS::CloudWatch::Alarm").values()
    ]
    assert names
    assert [name for name in names if f":alarm:{name}" not in shown] == []
    assert [id_ for id_ in ids if f"<{id_}.Arn>" not in shown] == []
