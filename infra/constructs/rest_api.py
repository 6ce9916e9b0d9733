"""The API: one definition, one role that calls functions, a stage named `v1`, and the firewall before it."""

import json
from collections.abc import Mapping, Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as route53_targets
from constructs import Construct

from infra import gateway, names
from infra.constructs.firewall import firewall
from infra.constructs.pages import pages
from infra.discovery import DeclaredFunction
from infra.pages import ERROR_PATH, PAGES
from infra.settings import Settings
from invoicing.http.declaration import Endpoint
from invoicing.http.usage import NUMBERS, usage_key
from invoicing.observability import NAMESPACE

STAGE = "v1"

# `path` would put the tokens of download links into the log.
_LOGGED = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "function_milliseconds": "$context.integrationLatency",
    "tenant_id": "$context.authorizer.tenant_id",
    "error": "$context.error.responseType",
}


def rest_api(
    scope: Construct,
    settings: Settings,
    endpoints: Sequence[tuple[DeclaredFunction, Endpoint]],
    *,
    authorizer: str,
    key: kms.IKey | None,
) -> apigateway.SpecRestApi:
    """The gateway with a route for each endpoint.

    `authorizer` is the name of the function that identifies callers, `key` encrypts the access log.
    """
    role = iam.Role(
        scope,
        "GatewayRole",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        description="Lets the gateway call the functions of this stage.",
        inline_policies={"Invoke": iam.PolicyDocument(statements=[_may_invoke(settings)])},
    )
    definition = gateway.definition(
        endpoints,
        # The import may take the API's name from here, and the metrics go by that.
        name=settings.name,
        uri=lambda found: _uri(settings, found.name),
        authorizer_uri=_uri(settings, authorizer),
        credentials=role.role_arn,
        kept_seconds=settings.credentials_kept,
        origins=settings.cors_origins,
        usage_keys=not settings.embedded,
        # The embedded gateway reads nothing from S3; the local stack serves the pages before it.
        pages=None if settings.embedded else pages(scope),
    )
    responses = gateway.gateway_responses(
        settings.cors_origins, embedded=settings.embedded, error_pages=settings.error_pages_url
    )
    if not settings.embedded:
        definition["x-amazon-apigateway-gateway-responses"] = responses
    api = apigateway.SpecRestApi(
        scope,
        "Api",
        rest_api_name=settings.name,
        api_definition=apigateway.ApiDefinition.from_inline(definition),
        endpoint_types=[apigateway.EndpointType.REGIONAL],
        binary_media_types=["*/*"],
        fail_on_warnings=True,
        disable_execute_api_endpoint=bool(settings.domain),
        # An account setting that the logs of stages need. Retained, because other APIs of the account may need it.
        cloud_watch_role=settings.gateway_log_role,
        cloud_watch_role_removal_policy=settings.removal if settings.gateway_log_role else None,
        deploy_options=_stage(scope, settings, endpoints, key),
    )
    if settings.embedded:
        # The embedded gateway reads refusals from resources only; in AWS those would drift beside a definition.
        _add_responses(api, responses)
    if settings.domain:
        _add_domain(scope, settings, api)
    if settings.firewall:
        firewall(scope, settings, api)
    if not settings.embedded:  # whose gateway has no usage plans
        _add_limits_per_tenant(scope, settings, api)
    return api


def url_of(api: apigateway.SpecRestApi) -> str:
    """The API's own address."""
    return f"https://{api.rest_api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{STAGE}"


def _uri(settings: Settings, operation: str) -> str:
    path = f"lambda:path/2015-03-31/functions/{names.called_arn(settings, operation)}/invocations"
    return f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:{path}"


def _may_invoke(settings: Settings) -> iam.PolicyStatement:
    # By pattern, as the ARNs of some ninety functions fill an inline policy.
    return iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[names.function_arn(settings, "*")])


def _stage(
    scope: Construct,
    settings: Settings,
    endpoints: Sequence[tuple[DeclaredFunction, Endpoint]],
    key: kms.IKey | None,
) -> apigateway.StageOptions:
    # Public requests must not use up the limits of authenticated callers.
    for_anybody = apigateway.MethodDeploymentOptions(
        throttling_rate_limit=settings.anonymous_per_second, throttling_burst_limit=2 * settings.anonymous_per_second
    )
    public = [f"{one.path}/{one.method}" for _, one in endpoints if one.scope is None]
    public += [f"{one.path}/HEAD" for _, one in endpoints if one.takes_head]
    if not settings.embedded:
        public += [f"{path}/GET" for path in (*(page.path for page in PAGES), ERROR_PATH)]
    access_log = logs.LogGroup(
        scope,
        "AccessLog",
        log_group_name=f"/aws/apigateway/{settings.name}",
        retention=settings.log_retention,
        encryption_key=key,
        removal_policy=RemovalPolicy.DESTROY,
    )
    if not settings.embedded:  # which has no alarms
        logs.MetricFilter(
            scope,
            "ThrottledRequests",
            log_group=access_log,
            filter_pattern=logs.FilterPattern.string_value("$.status", "=", "429"),
            metric_namespace=NAMESPACE,
            metric_name=names.throttled_metric(settings),
            metric_value="1",
        )
    return apigateway.StageOptions(
        stage_name=STAGE,
        throttling_rate_limit=settings.requests_per_second,
        throttling_burst_limit=settings.burst,
        method_options=dict.fromkeys(public, for_anybody),
        # Traces and the gateway's own log hold the path, and with it the tokens of download links.
        tracing_enabled=False,
        logging_level=apigateway.MethodLoggingLevel.OFF,
        data_trace_enabled=False,
        access_log_destination=apigateway.LogGroupLogDestination(access_log),
        access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_LOGGED)),
    )


def _add_responses(api: apigateway.SpecRestApi, responses: Mapping[str, gateway.Document]) -> None:
    for type_, response in responses.items():
        apigateway.GatewayResponse(
            api,
            type_,
            rest_api=api,
            type=apigateway.ResponseType.of(type_),
            status_code=response["statusCode"],
            response_headers={
                name.removeprefix("gatewayresponse.header."): value
                for name, value in response["responseParameters"].items()
            },
            templates=response["responseTemplates"],
        )


def _add_domain(scope: Construct, settings: Settings, api: apigateway.SpecRestApi) -> None:
    certificate = acm.Certificate.from_certificate_arn(scope, "Certificate", settings.certificate_arn or "")
    domain = apigateway.DomainName(
        scope,
        "Domain",
        domain_name=settings.domain or "",
        certificate=certificate,
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
    )
    domain.add_base_path_mapping(api, base_path=STAGE, stage=api.deployment_stage)
    if settings.hosted_zone_id and settings.hosted_zone_name:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            scope, "Zone", hosted_zone_id=settings.hosted_zone_id, zone_name=settings.hosted_zone_name
        )
        target = route53.RecordTarget.from_alias(route53_targets.ApiGatewayDomain(domain))
        for record in (route53.ARecord, route53.AaaaRecord):
            record(scope, record.__name__, zone=zone, record_name=f"{settings.domain}.", target=target)


def _add_limits_per_tenant(scope: Construct, settings: Settings, api: apigateway.SpecRestApi) -> None:
    """A usage plan whose limits hold for each of its keys; the authorizer names the key of each request."""
    plan = apigateway.UsagePlan(
        scope,
        "Tenants",
        name=f"{settings.name}-tenants",
        api_stages=[apigateway.UsagePlanPerApiStage(api=api, stage=api.deployment_stage)],
        throttle=apigateway.ThrottleSettings(
            rate_limit=settings.tenant_requests_per_second, burst_limit=2 * settings.tenant_requests_per_second
        ),
    )
    for number in NUMBERS:
        value = usage_key(settings.stage, number)
        key = apigateway.CfnApiKey(scope, f"UsageKey{number}", enabled=True, name=value, value=value)
        apigateway.CfnUsagePlanKey(
            scope, f"UsageKeyOfTenants{number}", key_id=key.ref, key_type="API_KEY", usage_plan_id=plan.usage_plan_id
        )
