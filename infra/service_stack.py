"""The API of a stage: gateway, base URL, the topic of the alarms, dashboard. It is deployed after all functions."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack, Tags
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import names
from infra.constructs.monitoring import Charted, monitor
from infra.constructs.rest_api import rest_api, url_of
from infra.data_stack import DataStack
from infra.discovery import DeclaredFunction, InvalidDeclaration, routes
from infra.functions_stack import FunctionsStack
from infra.settings import Settings
from invoicing.http.authorizer import Authorizer


class ServiceStack(Stack):
    """The API and the monitoring. The functions behind it are in other stacks, named by composed ARNs."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        data: DataStack,
        declared: Sequence[DeclaredFunction],
        functions: Sequence[FunctionsStack],
    ) -> None:
        super().__init__(
            scope,
            f"{settings.name}-service",
            description="Invoicing: the API and its monitoring.",
            suppress_template_indentation=True,
        )
        self._settings = settings
        self._key = data.key_in(self)
        for stack in functions:
            # A route must not exist before its function does.
            self.add_stack_dependency(stack)
        api = self._api(declared)
        if not settings.embedded:  # which has neither the functions' metrics nor alarms that compute
            alarms = [name for stack in functions for name in stack.alarm_names]
            charted = Charted(api, data.table, _authorizer(declared), alarms)
            topic = monitor(self, settings, charted, key=self._key)
            CfnOutput(self, "AlarmTopicArn", value=topic.topic_arn)
        Tags.of(self).add("service", settings.name)

    def _api(self, declared: Sequence[DeclaredFunction]) -> apigateway.SpecRestApi:
        api = rest_api(self, self._settings, routes(declared), authorizer=_authorizer(declared), key=self._key)
        url = self._settings.public_url or url_of(api)
        ssm.StringParameter(
            self,
            "BaseUrl",
            parameter_name=names.base_url_parameter(self._settings),
            string_value=url,
            description="Where clients reach the API; links begin with it.",
        )
        CfnOutput(self, "ApiUrl", value=url_of(api))
        CfnOutput(self, "BaseUrlOfLinks", value=url)
        return api


def _authorizer(declared: Sequence[DeclaredFunction]) -> str:
    authorizers = [found.name for found in declared if isinstance(found.declaration, Authorizer)]
    if len(authorizers) != 1:
        raise InvalidDeclaration(f"There must be one authorizer, not {len(authorizers)}.")
    return authorizers[0]
