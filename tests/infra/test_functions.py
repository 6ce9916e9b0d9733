"""Each function: its code, exactly its grants, its log."""

from collections.abc import Sequence
from typing import Any

import pytest

from infra.constructs.environment import ALWAYS
from infra.discovery import DeclaredFunction, deployed
from invoicing.aws.grants import Grant, Resource
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.table_stream import TableStream
from invoicing.http.declaration import Endpoint
from tests.infra.templates import Templates, actions, plain

FUNCTIONS = deployed()
_EACH = pytest.mark.parametrize("found", FUNCTIONS, ids=lambda found: found.name)
_TABLE = "<PublishOutputFnGetAttTableCD117FA1Arn27EC6E03>"
_ON = {
    Resource.TABLE: [_TABLE],
    Resource.FILES: ["<PublishOutputFnGetAttFiles8E6940B8ArnB90C6676>/*"],
    Resource.BUS: ["<PublishOutputFnGetAttBusEA82B648Arn0C9BA500>"],
    Resource.BASE_URL: ["arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/invoicing/dev/base-url"],
    Resource.CURSOR_SECRET: ["<PublishOutputRefCursorSecretABAE135880AEA179>"],
    Resource.SECRETS_KEY: ["<PublishOutputFnGetAttSecretsKey317DCF94ArnB8E166F7>"],
    Resource.WEBHOOK_QUEUE: ["<WebhooksMessages4488BC3A.Arn>"],
    # A stage without identities may send from none.
    Resource.EMAIL: ["arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:configuration-set/invoicing-dev"],
}
_PAGES_BY_BODY = {"start_bank_matching_run"}
"""Endpoints that are no lists and continue with a cursor of their request's body."""
_TRACES = {("xray:PutTelemetryRecords", "*"), ("xray:PutTraceSegments", "*")}


def _pairs(statement: dict[str, Any]) -> set[tuple[str, str]]:
    """Each action with each resource it is allowed on."""
    assert set(statement) <= {"Action", "Effect", "Resource", "Condition"}
    assert statement["Effect"] == "Allow"
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return {(action, plain(resource)) for action in actions(statement) for resource in resources}


def _granted(grants: Sequence[Grant]) -> set[tuple[str, str]]:
    pairs = {(action, on) for grant in grants for action in grant.actions for on in _ON.get(grant.resource, ())}
    if Grant.READ in grants:
        pairs.add(("dynamodb:Query", f"{_TABLE}/index/*"))
    if Grant.MISS_FILES in grants:
        # Permission to list applies to the bucket; all other permissions apply to its objects.
        pairs -= {("s3:ListBucket", on) for on in _ON[Resource.FILES]}
        pairs.add(("s3:ListBucket", _ON[Resource.FILES][0].removesuffix("/*")))
    return pairs


def _kinds_own(found: DeclaredFunction, templates: Templates) -> set[tuple[str, str]]:
    """The permissions that a consumer needs to get its events."""
    mappings = {
        plain(mapping["FunctionName"]): mapping
        for mapping in templates.service.all("AWS::Lambda::EventSourceMapping").values()
    }
    function_id = next(
        id_
        for id_, function in templates.service.all("AWS::Lambda::Function").items()
        if function["FunctionName"] == f"invoicing-dev-{found.name}"
    )
    match found.declaration:
        case Consumer(grants=grants):
            queue = plain(mappings[f"<{function_id}>"]["EventSourceArn"])
            queues = templates.service.all("AWS::SQS::Queue")
            failures = plain(queues[queue.strip("<>").split(".")[0]]["RedrivePolicy"]["deadLetterTargetArn"])
            sends_to_dlq = {("sqs:SendMessage", failures)} if Grant.SEND_TO_DLQ in grants else set()
            consumes = {(f"sqs:{verb}", queue) for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
            return consumes | sends_to_dlq
        case TableStream():
            mapping = mappings[f"<{function_id}>"]
            stream = plain(mapping["EventSourceArn"])
            verbs = ("DescribeStream", "GetRecords", "GetShardIterator")
            return {
                *((f"dynamodb:{verb}", stream) for verb in verbs),
                ("dynamodb:ListStreams", f"{_TABLE}/stream/*"),
                ("sqs:SendMessage", plain(mapping["DestinationConfig"]["OnFailure"]["Destination"])),
            }
        case _:
            assert f"<{function_id}>" not in mappings
            return set()


@_EACH
def test_a_function_has_only_its_declared_permissions(found: DeclaredFunction, templates: Templates) -> None:
    log_group = plain(templates.service.functions()[found.name]["LoggingConfig"]["LogGroup"]).strip("<>")
    writes_logs = {(f"logs:{verb}", f"<{log_group}.Arn>") for verb in ("CreateLogStream", "PutLogEvents")}
    allowed = set[tuple[str, str]]().union(*map(_pairs, templates.service.statements_of(found.name)))
    expected = _granted(found.declaration.grants) | _kinds_own(found, templates) | writes_logs | _TRACES
    assert allowed == expected


@_EACH
def test_a_function_reaches_only_its_declared_partitions(found: DeclaredFunction, templates: Templates) -> None:
    """A table's partition key begins with its tenant, or it is an API key's, a link's, or of the outbox."""
    patterns = sorted({pattern for grant in found.declaration.grants for pattern in grant.partitions})
    expected = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": patterns}}
    for statement in templates.service.statements_of(found.name):
        on_items = set(actions(statement)) & {action for grant in Grant for action in grant.actions if grant.partitions}
        assert statement.get("Condition") == (expected if on_items else None)


def test_a_grant_to_read_a_customer_allows_only_that(templates: Templates) -> None:
    """The same for one function, written out, independent of the derivation."""
    on_table, on_indexes, *_ = templates.service.statements_of("get_customer")
    assert actions(on_table) == ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]
    assert plain(on_table["Resource"]) == _TABLE
    assert actions(on_indexes) == ["dynamodb:Query"]
    assert plain(on_indexes["Resource"]) == f"{_TABLE}/index/*"
    for statement in (on_table, on_indexes):
        assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*"]}}
    assert len(templates.service.statements_of("get_customer")) == 4


def test_mail_is_sent_from_the_stages_identities_only(everything: Templates) -> None:
    [sends] = [one for one in everything.service.statements_of("send_email") if actions(one) == ["ses:SendEmail"]]
    of_account = "arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>"
    assert [plain(one) for one in sends["Resource"]] == [
        f"{of_account}:configuration-set/invoicing-everything",
        f"{of_account}:identity/billing@example.com",
        f"{of_account}:identity/example.com",
        f"{of_account}:identity/invoices.example.com",
    ]
    assert sends["Condition"] == {"StringLike": {"ses:FromAddress": ["*@invoices.example.com", "billing@example.com"]}}


def test_each_function_has_its_own_role_and_no_managed_policy(templates: Templates) -> None:
    roles = [plain(function["Role"]) for function in templates.service.functions().values()]
    assert len(roles) == len(set(roles))
    for function in templates.service.functions().values():
        assert "ManagedPolicyArns" not in templates.service.role_of(function)
    assert templates.service.all("AWS::IAM::Policy") == {}


@_EACH
def test_a_function_is_deployed_as_it_is_declared(found: DeclaredFunction, templates: Templates) -> None:
    function = templates.service.functions()[found.name]
    assert function["Handler"] == f"{found.file.with_suffix('').as_posix()}.handler"
    assert (function["MemorySize"], function["Timeout"]) == (found.declaration.memory, found.declaration.timeout)
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert len(function["Layers"]) == 2 + len(found.declaration.layers)


@_EACH
def test_a_functions_code_is_its_file_alone(found: DeclaredFunction, templates: Templates) -> None:
    """A change of one file deploys one function."""
    assert templates.service.code_of(found.name) == [found.file.as_posix()]


@_EACH
def test_a_function_gets_the_names_of_its_granted_resources(found: DeclaredFunction, templates: Templates) -> None:
    environment = templates.service.functions()[found.name]["Environment"]["Variables"]
    fixed = {"STAGE", "POWERTOOLS_SERVICE_NAME", *ALWAYS}
    expected = {*fixed, *(grant.resource.value for grant in found.declaration.grants)}
    assert set(environment) == expected


def test_no_secret_is_resolved_into_a_template(templates: Templates) -> None:
    assert not [stack.name for stack in templates.stacks if "{{resolve:secretsmanager" in stack.text]


@_EACH
def test_a_list_may_read_the_secret_of_its_cursors_and_no_other(found: DeclaredFunction, templates: Templates) -> None:
    lists = isinstance(found.declaration, Endpoint) and (found.declaration.paginates or found.name in _PAGES_BY_BODY)
    read = [
        one for one in templates.service.statements_of(found.name) if "secretsmanager:GetSecretValue" in actions(one)
    ]
    assert [plain(one["Resource"]).partition("CursorSecret")[1] for one in read] == ["CursorSecret"] * lists


def test_every_log_ends_after_a_month(templates: Templates, everything: Templates) -> None:
    for stack, days in ((templates.service, 30), (everything.service, 365)):
        logs = stack.all("AWS::Logs::LogGroup").values()
        assert {log["RetentionInDays"] for log in logs} == {days}
    names = {log["LogGroupName"] for log in templates.service.all("AWS::Logs::LogGroup").values()}
    assert names == {
        *(f"/aws/lambda/invoicing-dev-{found.name}" for found in FUNCTIONS),
        "/aws/apigateway/invoicing-dev",
    }


def test_the_machines_own_architecture_is_for_the_embedded_stack(embedded: Templates) -> None:
    architectures = {tuple(function["Architectures"]) for function in embedded.service.functions().values()}
    assert architectures == {("x86_64",)}
