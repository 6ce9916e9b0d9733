"""The functions of one stack with their layers, schedules, queues and alarms. All of it is replaceable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aws_cdk import ArnFormat, Aws, Duration, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import names
from infra.constructs.event_bus import Subscription, failures, ordered_queue, subscription
from infra.constructs.function import Granted, SharedResources, function
from infra.constructs.layers import invoicing_layer, packages_layer
from infra.constructs.live import live, shift
from infra.constructs.monitoring import Watched, deployment_alarm, watch_functions
from infra.data_stack import DataStack
from infra.discovery import AnyDeclaration, DeclaredFunction
from infra.settings import Settings
from invoicing import config
from invoicing.aws.grants import Resource
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.own_queue import OwnQueue
from invoicing.consumers.schedule import Schedule
from invoicing.consumers.table_stream import TableStream
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint, Layer

_STREAM_BATCH = 100
_QUEUES = {"webhooks": Resource.WEBHOOK_QUEUE}
"""The resource that permits to send to each queue that functions send to."""


class FunctionsStack(Stack):
    """`invoicing-<stage>-<name>`. Nothing is exported: the API refers to the functions by their names."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        data: DataStack,
        root: Path,
        *,
        name: str,
        functions: Sequence[DeclaredFunction],
    ) -> None:
        super().__init__(
            scope,
            f"{settings.name}-{name}",
            description=f"Invoicing: the functions of {name}.",
            suppress_template_indentation=True,
        )
        self.add_stack_dependency(data)
        self._settings = settings
        self._data = data
        self._key = data.key_in(self)
        self._own_queues = self._ordered_queues(functions)
        self._shared = SharedResources(
            settings, root, self._resources(), self._layers(), self._further_layers(functions), self._key
        )
        self._failures: list[sqs.Queue] = []
        self._rendering: list[sqs.Queue] = []
        self._backlogs: list[sqs.Queue] = []
        self._shift = (
            shift(self, settings, deployment_alarm(self, settings, name)) if settings.deployments != "at_once" else None
        )
        self._functions: dict[str, lambda_.Function] = {}
        self._called: dict[str, lambda_.IFunction] = {}
        """The targets of calls: the functions or their aliases."""
        for found in functions:
            self._add(found)
        self._schedules(functions)
        self.alarm_names: list[str] = []
        """The names of this stack's alarms."""
        if not settings.embedded:  # which has neither the functions' metrics nor alarms that compute
            self.alarm_names = watch_functions(self, settings, name, self._watched(functions))
        Tags.of(self).add("service", settings.name)

    def _layers(self) -> list[lambda_.LayerVersion]:
        return [packages_layer(self, "dependencies", self._settings.cpu), invoicing_layer(self)]

    def _further_layers(self, functions: Iterable[DeclaredFunction]) -> dict[Layer, lambda_.ILayerVersion]:
        wanted = {layer for found in functions for layer in found.declaration.layers}
        return {layer: packages_layer(self, layer, self._settings.cpu) for layer in sorted(wanted)}

    def _resources(self) -> dict[Resource, Granted]:
        data = self._data
        return {
            Resource.TABLE: Granted(
                data.table.table_name, (data.table.table_arn,), (f"{data.table.table_arn}/index/*",)
            ),
            Resource.FILES: Granted(
                data.files.bucket_name, (data.files.arn_for_objects("*"),), container_arn=data.files.bucket_arn
            ),
            Resource.RETENTION: Granted(
                self._settings.retention, (data.files.arn_for_objects("*"),) if self._settings.retention else ()
            ),
            Resource.BUS: Granted(data.bus.event_bus_name, (data.bus.event_bus_arn,)),
            Resource.BASE_URL: Granted(names.base_url_parameter(self._settings), (names.base_url_arn(self._settings),)),
            Resource.CURSOR_SECRET: self._cursor_secret(),
            Resource.SECRETS_KEY: Granted(data.secrets_key.key_arn, (data.secrets_key.key_arn,)),
            Resource.WEBHOOK_TARGETS: Granted(self._settings.webhook_targets, ()),
            Resource.EMAIL: self._mail(),
            **{
                _QUEUES[name]: Granted(own.queue.queue_url, (own.queue.queue_arn,))
                for name, own in self._own_queues.items()
            },
        }

    def _ordered_queues(self, functions: Iterable[DeclaredFunction]) -> dict[str, Subscription]:
        """The queues into which functions of this stack put messages themselves, by name."""
        consumers = [found.declaration for found in functions if isinstance(found.declaration, Consumer)]
        return {
            one.source.name: ordered_queue(Construct(self, one.source.name.title()), self._settings, one, key=self._key)
            for one in consumers
            if isinstance(one.source, OwnQueue)
        }

    def _cursor_secret(self) -> Granted:
        secret = self._data.cursor_secret
        if not self._settings.embedded:
            return Granted(secret.secret_arn, (secret.secret_arn,))
        # The embedded AWS refers to a secret by its name.
        arn = self.format_arn(
            service="secretsmanager",
            resource="secret",
            resource_name=f"{secret.secret_arn}-*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return Granted(secret.secret_arn, (arn,))

    def _mail(self) -> Granted:
        """Permission to send from the identities of this stage and from no other that the account has verified.

        SES checks the identity that covers an address, which can be its domain: so the address itself is a condition.
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsesv2.html
        """
        settings = self._settings
        if settings.embedded:
            # The embedded SES requires permission on all resources for a mail from any identity.
            return Granted(settings.name, ("*",))
        of_account = f"arn:{Aws.PARTITION}:ses:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        configuration = f"{of_account}:configuration-set/{settings.name}"
        if not settings.email_identities:
            return Granted(settings.name, (configuration,))
        addresses = [one if "@" in one else f"*@{one}" for one in settings.email_identities]
        conditions = {"StringLike": {"ses:FromAddress": addresses}}
        identities = (f"{of_account}:identity/{one}" for one in settings.covering_identities)
        return Granted(settings.name, (configuration, *identities), conditions=conditions)

    def _add(self, found: DeclaredFunction) -> None:
        scope = Construct(self, found.name.title().replace("_", ""))
        match found.declaration:
            case Consumer():
                self._subscribed(scope, found, found.declaration)
            case TableStream():
                self._streamed(scope, found, found.declaration)
            case _:
                self._function(scope, found, self._shared, environment=self._environment(found.declaration))

    def _function(
        self,
        scope: Construct,
        found: DeclaredFunction,
        shared: SharedResources,
        *,
        environment: Mapping[str, str],
        statements: Iterable[iam.PolicyStatement] = (),
    ) -> lambda_.IFunction:
        built = function(scope, found, shared, environment=environment, statements=statements)
        self._functions[found.name] = built
        self._called[found.name] = called = live(scope, self._settings, found.name, built, self._shift)
        return called

    def _environment(self, declaration: AnyDeclaration) -> Mapping[str, str]:
        if isinstance(declaration, Authorizer):
            return self._issuer()
        if not isinstance(declaration, Endpoint):
            return {}
        environment = {}
        if self._settings.error_pages_url != config.DEFAULT_ERROR_PAGES:
            environment["ERROR_PAGES_URL"] = self._settings.error_pages_url
        if self._settings.cors_origins:
            environment["CORS_ORIGINS"] = ",".join(self._settings.cors_origins)
        return environment

    def _issuer(self) -> Mapping[str, str]:
        settings = self._settings
        if settings.oidc_issuer is None:
            return {}
        return {
            "OIDC_ISSUER": settings.oidc_issuer,
            "OIDC_AUDIENCE": settings.oidc_audience or "",
            "OIDC_CLAIM_PREFIX": settings.oidc_claim_prefix,
        }

    def _subscribed(self, scope: Construct, found: DeclaredFunction, declared: Consumer) -> None:
        queue, dead_letters = self._queues(scope, declared)
        self._failures.append(dead_letters)
        if Layer.DOCUMENTS in declared.layers:
            (self._backlogs if declared.backlog else self._rendering).append(queue)
        consumes = iam.PolicyStatement(
            actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources=[queue.queue_arn]
        )
        own = {Resource.DEAD_LETTERS: Granted(dead_letters.queue_url, (dead_letters.queue_arn,))}
        shared = replace(self._shared, resources={**self._shared.resources, **own})
        called = self._function(scope, found, shared, environment={}, statements=[consumes])
        lambda_.EventSourceMapping(
            self._functions[found.name],
            "Events",
            target=called,
            event_source_arn=queue.queue_arn,
            batch_size=declared.batch,
            report_batch_item_failures=True,
            max_concurrency=declared.concurrency or self._settings.consumer_concurrency,
        )

    def _queues(self, scope: Construct, declared: Consumer) -> Subscription:
        """The queue that a consumer reads, and its dead-letter queue."""
        if isinstance(declared.source, OwnQueue):
            return self._own_queues[declared.source.name]
        return subscription(
            scope, self._data.bus, self._settings, declared, self._data.files.bucket_name, key=self._key
        )

    def _streamed(self, scope: Construct, found: DeclaredFunction, declared: TableStream) -> None:
        stream = self._data.table.table_stream_arn or ""
        dead_letters = failures(scope, self._settings, self._key)
        self._failures.append(dead_letters)
        reads = iam.PolicyStatement(
            actions=["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], resources=[stream]
        )
        lists = iam.PolicyStatement(
            actions=["dynamodb:ListStreams"], resources=[f"{self._data.table.table_arn}/stream/*"]
        )
        reports = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead_letters.queue_arn])
        called = self._function(scope, found, self._shared, environment={}, statements=[reads, lists, reports])
        inserted = lambda_.FilterCriteria.filter(
            {
                "eventName": lambda_.FilterRule.is_equal("INSERT"),
                "dynamodb": {"Keys": {"SK": {"S": lambda_.FilterRule.begins_with(declared.sort_key_prefix)}}},
            }
        )
        # Below the function also where it calls the alias: another id would be another mapping of the stream, which
        # publishes the events of the last day again.
        lambda_.EventSourceMapping(
            self._functions[found.name],
            "Stream",
            target=called,
            event_source_arn=stream,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=_STREAM_BATCH,
            bisect_batch_on_error=True,
            # Limited by age only, because five attempts take seconds and an outage of the bus lasts longer.
            max_record_age=Duration.hours(declared.max_age_hours),
            report_batch_item_failures=True,
            filters=[inserted],
            on_failure=sources.SqsDlq(dead_letters),
        )

    def _schedules(self, declared: Iterable[DeclaredFunction]) -> None:
        scheduled = [(found, found.declaration) for found in declared if isinstance(found.declaration, Schedule)]
        if not scheduled:
            return
        may_start = iam.PolicyStatement(
            actions=["lambda:InvokeFunction"],
            resources=[self._called[found.name].function_arn for found, _ in scheduled],
        )
        role = iam.Role(
            self,
            "SchedulerRole",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            inline_policies={"Start": iam.PolicyDocument(statements=[may_start])},
        )
        for found, declaration in scheduled:
            scheduler.Schedule(
                self,
                f"{found.name.title().replace('_', '')}Schedule",
                schedule_name=f"{self._settings.name}-{found.name}",
                schedule=scheduler.ScheduleExpression.expression(declaration.expression),
                target=scheduler_targets.LambdaInvoke(self._called[found.name], role=role.without_policy_updates()),
            )

    def _watched(self, functions: Iterable[DeclaredFunction]) -> Watched:
        declared = {found.name: found.declaration for found in functions}
        return Watched(
            stream_consumers=[self._functions[name] for name, one in declared.items() if _is_stream_consumer(one)],
            schedules=[self._functions[name] for name, one in declared.items() if isinstance(one, Schedule)],
            canaries={name: self._functions[name] for name, one in declared.items() if _is_canary(one)},
            failures=self._failures,
            rendering=self._rendering,
            backlogs=self._backlogs,
        )


def _is_stream_consumer(declaration: AnyDeclaration) -> bool:
    return isinstance(declaration, TableStream)


def _is_canary(declaration: AnyDeclaration) -> bool:
    return isinstance(declaration, Endpoint) and declaration.canary
