"""The firewall (AWS WAF) before the API. Requests that it blocks count towards no limit of the gateway."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.error_codes import FIREWALL_SECONDS
from infra.settings import Settings

Rule = wafv2.CfnWebACL.RuleProperty
Statement = wafv2.CfnWebACL.StatementProperty

_PRESENT_AS_IT_IS = [wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")]


def firewall(scope: Construct, settings: Settings, api: apigateway.SpecRestApi) -> None:
    """A web ACL before the API's stage.

    Neither its sampled requests nor a log are switched on: both hold URLs with tokens of download links, and headers.
    """
    acl = wafv2.CfnWebACL(
        scope,
        "Firewall",
        scope="REGIONAL",
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_visible("Firewall"),
        rules=rules(settings),
    )
    wafv2.CfnWebACLAssociation(
        scope, "FirewallOfApi", resource_arn=api.deployment_stage.stage_arn, web_acl_arn=acl.attr_arn
    )


def rules(settings: Settings) -> list[Rule]:
    """The rules. AWS' rules over bodies are left out: a note may hold HTML, an invoice is large."""
    return [
        _managed("AWSManagedRulesAmazonIpReputationList", 0),
        _managed("AWSManagedRulesKnownBadInputsRuleSet", 1),
        _limited("RequestsPerIp", 2, settings.requests_per_ip, aggregate_key_type="IP"),
        # Above the gateway's limit of a tenant: blocks clients that ignore its responses with status 429.
        _limited(
            "RequestsPerCredential",
            3,
            2 * settings.tenant_requests_per_second * FIREWALL_SECONDS,
            aggregate_key_type="CUSTOM_KEYS",
            custom_keys=[
                wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty(
                    header=wafv2.CfnWebACL.RateLimitHeaderProperty(
                        name="authorization", text_transformations=_PRESENT_AS_IT_IS
                    )
                )
            ],
        ),
        # One limit for all addresses together: credentials that have the form of neither a key nor a token.
        _limited(
            "RequestsWithoutCredential",
            4,
            settings.requests_without_credential,
            aggregate_key_type="CONSTANT",
            scope_down_statement=_none_of(_has_credential(settings), _opens_a_link(), _opens_a_page(), _is_preflight()),
        ),
    ]


def credential_pattern(settings: Settings) -> str:
    """The form of an `Authorization` header with an API key of the stage or a signed token (JWT)."""
    word = "[A-Za-z0-9_-]+"
    return rf"^[A-Za-z-]+ +(ik_{settings.stage}_[0-9A-Za-z]+|{word}\.{word}\.{word}) *$"


def _has_credential(settings: Settings) -> Statement:
    return Statement(
        regex_match_statement=wafv2.CfnWebACL.RegexMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": "authorization"}),
            regex_string=credential_pattern(settings),
            text_transformations=_PRESENT_AS_IT_IS,
        )
    )


def _opens_a_link() -> Statement:
    return _begins(wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}), "/v1/downloads/")


def _opens_a_page() -> Statement:
    return _begins(wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}), "/v1/pages/")


def _is_preflight() -> Statement:
    return _begins(wafv2.CfnWebACL.FieldToMatchProperty(method={}), "OPTIONS")


def _begins(field: wafv2.CfnWebACL.FieldToMatchProperty, text: str) -> Statement:
    return Statement(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=field,
            positional_constraint="STARTS_WITH",
            search_string=text,
            text_transformations=_PRESENT_AS_IT_IS,
        )
    )


def _none_of(*statements: Statement) -> Statement:
    negated = [
        Statement(not_statement=wafv2.CfnWebACL.NotStatementProperty(statement=statement)) for statement in statements
    ]
    return Statement(and_statement=wafv2.CfnWebACL.AndStatementProperty(statements=negated))


def _limited(
    name: str,
    priority: int,
    limit: int,
    *,
    aggregate_key_type: str,
    custom_keys: list[wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty] | None = None,
    scope_down_statement: Statement | None = None,
) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=Statement(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type=aggregate_key_type,
                custom_keys=custom_keys,
                evaluation_window_sec=FIREWALL_SECONDS,
                limit=limit,
                scope_down_statement=scope_down_statement,
            )
        ),
        visibility_config=_visible(name),
    )


def _managed(name: str, priority: int) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=Statement(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(name=name, vendor_name="AWS")
        ),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
