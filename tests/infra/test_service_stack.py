"""The gateway and the monitoring."""

import json
from typing import Any

import pytest

from infra.discovery import deployed
from infra.gateway import REFUSALS
from infra.pages import ERROR_PATH, PAGES
from infra.settings import Settings
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.own_queue import OwnQueue
from invoicing.consumers.schedule import Schedule
from tests.infra.templates import Stack, Templates, actions, plain

FORMS = [f"/pages/{{page_token}}/{name}" for name in ("comments", "renewals", "successor")]
LINKS = ["/downloads/{token}", "/pages/{page_token}", "/pages/{page_token}/{file}"]
_IN_BODY = "x-amazon-apigateway-gateway-responses"


def joined(value: Any) -> str:
    """A text with references as CloudFormation joins it, with each name of a reference in place of its value."""
    match value:
        case str():
            return value
        case {"Fn::Sub": text}:
            return str(text)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(joined(part) for part in parts)
        case {"Ref": name}:
            return f"${{{name}}}"
    raise TypeError(value)


def _declared(kind: type[Any]) -> dict[str, Any]:
    return {found.name: found.declaration for found in deployed() if isinstance(found.declaration, kind)}


def test_gateway_responses_are_defined_for_each_gateway(templates: Templates, embedded: Templates) -> None:
    assert set(templates.service.one("AWS::ApiGateway::RestApi")["Body"][_IN_BODY]) == set(REFUSALS)
    assert templates.service.all("AWS::ApiGateway::GatewayResponse") == {}
    assert _IN_BODY not in embedded.service.one("AWS::ApiGateway::RestApi")["Body"]
    resources = embedded.service.all("AWS::ApiGateway::GatewayResponse").values()
    assert {response["ResponseType"] for response in resources} == set(REFUSALS)


def test_test_functions_are_only_in_the_embedded_stack(templates: Templates, embedded: Templates) -> None:
    """D27: a real stage has no test clock, neither route nor function, and none of its functions reads one."""
    route, variable = "/test-clock", "TEST_CLOCKS"
    for stack, has in ((templates.service, False), (embedded.service, True)):
        assert ("set_test_clock" in stack.functions()) is has
        assert (route in stack.one("AWS::ApiGateway::RestApi")["Body"]["paths"]) is has
        told = {variable in one["Environment"]["Variables"] for one in stack.functions().values()}
        assert told == {has}


def test_the_gateway_has_the_name_of_its_stage_and_passes_bodies(templates: Templates) -> None:
    api = templates.service.one("AWS::ApiGateway::RestApi")
    assert api["BinaryMediaTypes"] == ["*/*"]
    assert api["FailOnWarnings"] is True
    assert api["Name"] == api["Body"]["info"]["title"] == "invoicing-dev"
    assert templates.service.one("AWS::ApiGateway::Stage")["StageName"] == "v1"


def test_the_access_log_has_no_path_with_a_token(templates: Templates) -> None:
    logged = json.loads(templates.service.one("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])
    assert logged["route"] == "$context.resourcePath"
    assert not {"$context.path", "$context.customDomain.basePathMatched"} & set(logged.values())


def test_public_endpoints_have_their_own_limit(templates: Templates, embedded: Templates) -> None:
    """Many downloads do not use up the limits of authenticated callers."""
    pages = [*(page.path for page in PAGES), ERROR_PATH]
    for stack, public in ((templates.service, [*LINKS, *pages]), (embedded.service, LINKS)):
        settings = stack.one("AWS::ApiGateway::Stage")["MethodSettings"]
        limits = {(one["ResourcePath"], one["HttpMethod"]): one["ThrottlingRateLimit"] for one in settings}
        routes = [*((path, "GET") for path in public), *((path, "POST") for path in FORMS)]
        routes += [(path, "HEAD") for path in LINKS[1:]]
        escaped = {(f"/{path.replace('/', '~1')}", method): 20 for path, method in routes}
        assert limits == {("/*", "*"): 1_000, **escaped}


def test_the_gateway_reads_the_pages_and_no_other_file(templates: Templates, embedded: Templates) -> None:
    api = templates.api.one("AWS::ApiGateway::RestApi")["Body"]["paths"]
    roles = templates.api.all("AWS::IAM::Role")
    [(name, role)] = [item for item in roles.items() if "pages" in item[1].get("Description", "")]
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert actions(statement) == ["s3:GetObject"]
    readable = {joined(one).partition(":s3:::")[2] for one in statement["Resource"]}
    read = set()
    for page in PAGES:
        integration = api[page.path]["get"]["x-amazon-apigateway-integration"]
        assert integration["credentials"] == {"Fn::GetAtt": [name, "Arn"]}
        file = joined(integration["uri"]).partition(":s3:path/")[2]
        read.add(file)
        [content] = templates.api.assembly.glob(f"asset.{file.rpartition('/')[2]}")
        assert content.read_text(encoding="utf-8") == page.text()
    assert read == readable
    assert not set(embedded.api.one("AWS::ApiGateway::RestApi")["Body"]["paths"]) & {page.path for page in PAGES}


def _integrations(stack: Stack) -> set[str]:
    """The ARNs of the functions that a gateway calls, the authorizer's among them."""
    body = stack.one("AWS::ApiGateway::RestApi")["Body"]
    scheme = body["components"]["securitySchemes"]["authorizer"]
    uris = [
        operation["x-amazon-apigateway-integration"]["uri"]
        for operations in body["paths"].values()
        for operation in operations.values()
        if operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    ]
    uris.append(scheme["x-amazon-apigateway-authorizer"]["authorizerUri"])
    return {plain(uri).partition("/functions/")[2].removesuffix("/invocations") for uri in uris}


@pytest.mark.parametrize("of", ["templates", "embedded", "everything"])
def test_the_gateway_may_call_the_functions_of_its_stage_only(of: str, request: pytest.FixtureRequest) -> None:
    """The embedded AWS does not check this role."""
    found: Templates = request.getfixturevalue(of)
    roles = found.api.all("AWS::IAM::Role").values()
    [role] = (role for role in roles if role.get("Description", "").startswith("Lets the gateway call"))
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    stage = found.data.name.removesuffix("-data")
    assert actions(statement) == ["lambda:InvokeFunction"]
    pattern = plain(statement["Resource"])
    assert pattern == f"arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:{stage}-*"
    # A stage's name has no hyphen, so the pattern matches no function of another stage.
    assert [arn for arn in _integrations(found.api) if not arn.startswith(pattern.removesuffix("*"))] == []
    assert found.service.all("AWS::Lambda::Permission") == {}


@pytest.mark.parametrize("of", ["templates", "embedded", "everything"])
def test_each_route_calls_a_function_that_is_deployed_before(of: str, request: pytest.FixtureRequest) -> None:
    """The embedded AWS does not check that the functions of the gateway exist."""
    found: Templates = request.getfixturevalue(of)
    manifest = json.loads((found.api.assembly / "manifest.json").read_text())
    before = manifest["artifacts"][found.api.name]["dependencies"]
    aliased = {alias["FunctionName"]["Ref"] for alias in found.service.all("AWS::Lambda::Alias").values()}
    deployed_before = {
        f"arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:{function['FunctionName']}"
        + (":live" if id_ in aliased else "")
        for stack in found.of_functions
        if stack.name in before
        for id_, function in stack.all("AWS::Lambda::Function").items()
    }
    assert len(deployed_before) == len(found.service.functions())
    assert _integrations(found.api) <= deployed_before
    for stack in found.of_functions:
        assert found.data.name in manifest["artifacts"][stack.name]["dependencies"]
        assert found.api.name not in manifest["artifacts"][stack.name]["dependencies"]


def test_each_consumer_has_a_rule_a_queue_and_a_dlq(templates: Templates) -> None:
    consumers = _declared(Consumer)
    queues = templates.service.all("AWS::SQS::Queue")
    rules = templates.service.all("AWS::Events::Rule").values()
    assert consumers
    # A consumer of all events names none, and that of an own queue has no rule.
    assert sorted(rule["EventPattern"].get("detail-type", []) for rule in rules) == sorted(
        list(one.source.events) for one in consumers.values() if not isinstance(one.source, OwnQueue)
    )
    mappings = {
        plain(mapping["FunctionName"]).strip("<>"): mapping
        for mapping in templates.service.all("AWS::Lambda::EventSourceMapping").values()
    }
    functions = templates.service.all("AWS::Lambda::Function")
    for rule in rules:
        [target] = rule["Targets"]
        queue_id = target["Arn"]["Fn::GetAtt"][0]
        [(function_id, mapping)] = [
            (id_, one) for id_, one in mappings.items() if plain(one["EventSourceArn"]) == f"<{queue_id}.Arn>"
        ]
        declared = consumers[functions[function_id]["FunctionName"].removeprefix("invoicing-dev-")]
        assert rule["EventPattern"]["source"] == list(declared.source.senders)
        assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (
            declared.batch,
            ["ReportBatchItemFailures"],
        )
        most = declared.concurrency or Settings().consumer_concurrency
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": most}
        queue = queues[queue_id]
        assert queue["VisibilityTimeout"] >= 6 * declared.timeout
        assert queue.get("DelaySeconds", 0) == declared.delay
        assert queue["RedrivePolicy"]["maxReceiveCount"] == declared.attempts
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == target["DeadLetterConfig"]["Arn"]


def test_webhooks_are_queued_in_order_within_each_lane(templates: Templates) -> None:
    queues = {id_: one for id_, one in templates.service.all("AWS::SQS::Queue").items() if one.get("FifoQueue")}
    [(queue_id, queue)] = [(id_, one) for id_, one in queues.items() if "RedrivePolicy" in one]
    assert (queue["DeduplicationScope"], queue["FifoThroughputLimit"]) == ("messageGroup", "perMessageGroupId")
    declared = _declared(Consumer)["deliver_webhook"]
    assert queue["VisibilityTimeout"] == 6 * declared.timeout
    assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues
    mappings = templates.service.all("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [one for one in mappings if plain(one["EventSourceArn"]) == f"<{queue_id}.Arn>"]
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 50})


def test_every_queue_is_encrypted_and_keeps_two_weeks(templates: Templates) -> None:
    for queue in templates.service.all("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_stream_brings_new_timeline_entries_only(templates: Templates) -> None:
    [mapping] = (
        mapping
        for mapping in templates.service.all("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" in mapping
    )
    [criterion] = mapping["FilterCriteria"]["Filters"]
    assert json.loads(criterion["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"SK": {"S": [{"prefix": "ACT#"}]}}},
    }
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BisectBatchOnFunctionError"] is True
    # Limited by age, because five attempts take seconds. The stream keeps its records for 24 hours.
    assert mapping["MaximumRecordAgeInSeconds"] == 12 * 3_600
    assert "MaximumRetryAttempts" not in mapping
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert plain(mapping["DestinationConfig"]["OnFailure"]["Destination"]).startswith("<PublishOutboxFailures")


def test_schedules_run_in_utc(templates: Templates) -> None:
    schedules = templates.service.all("AWS::Scheduler::Schedule").values()
    assert {schedule["Name"]: schedule["ScheduleExpression"] for schedule in schedules} == {
        f"invoicing-dev-{name}": declared.expression for name, declared in _declared(Schedule).items()
    }
    assert {schedule["ScheduleExpressionTimezone"] for schedule in schedules} == {"Etc/UTC"}


def test_links_begin_with_the_url_of_the_api(templates: Templates, embedded: Templates, everything: Templates) -> None:
    own = templates.service.one("AWS::SSM::Parameter")
    assert own["Name"] == "/invoicing/dev/base-url"
    assert plain(own["Value"]).endswith(".execute-api.<AWS::Region>.<AWS::URLSuffix>/v1")
    assert embedded.service.one("AWS::SSM::Parameter")["Value"] == "http://127.0.0.1:4566/v1"
    assert everything.service.one("AWS::SSM::Parameter")["Value"] == "https://api.example.com/v1"


def test_aws_events_are_those_of_the_own_deployment(templates: Templates) -> None:
    rules = templates.service.all("AWS::Events::Rule")
    of_s3 = {id_: rule["EventPattern"] for id_, rule in rules.items() if rule["EventPattern"]["source"] == ["aws.s3"]}
    assert all("Files" in str(pattern["detail"]["bucket"]["name"]) for pattern in of_s3.values())
    keys = {id_.partition("Rule")[0]: pattern["detail"]["object"]["key"] for id_, pattern in of_s3.items()}
    assert keys == {
        "ReceiveUpload": [{"prefix": "incoming/ten_"}],
        "ReceiveBankStatement": [{"prefix": "incoming/statements/"}],
        "DeleteUnreferencedFile": [{"anything-but": {"prefix": "incoming/"}}],
    }
    [of_ses] = [rule["EventPattern"] for rule in rules.values() if rule["EventPattern"]["source"] == ["aws.ses"]]
    assert of_ses["detail"]["mail"]["tags"] == {"ses:configuration-set": ["invoicing-dev"]}


def test_one_document_that_cannot_be_rendered_delays_no_other() -> None:
    consumers = _declared(Consumer)
    names = ("render_document", "render_run_document", "render_dunning_document")
    assert {consumers[name].batch for name in names} == {1}
