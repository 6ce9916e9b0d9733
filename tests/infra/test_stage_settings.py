"""Parts of the service that a stage has by setting only."""

from tests.infra.templates import Templates


def test_settings_add_a_domain_and_an_address_for_alarms(templates: Templates, everything: Templates) -> None:
    optional = (
        "AWS::ApiGateway::DomainName",
        "AWS::ApiGateway::BasePathMapping",
        "AWS::SNS::Subscription",
    )
    for type_ in optional:
        assert templates.service.all(type_) == {}
        assert len(everything.service.all(type_)) == 1
    assert everything.service.one("AWS::SNS::Subscription")["Endpoint"] == "alarms@example.com"
    assert everything.service.one("AWS::ApiGateway::BasePathMapping")["BasePath"] == "v1"
    assert {record["Type"] for record in everything.service.all("AWS::Route53::RecordSet").values()} == {"A", "AAAA"}
    assert everything.service.one("AWS::ApiGateway::RestApi")["DisableExecuteApiEndpoint"] is True


def test_a_setting_leaves_the_log_role_of_the_account_alone(templates: Templates, everything: Templates) -> None:
    """The role is one for all APIs of an account and region: the last stage that is deployed would replace it."""
    assert len(templates.api.all("AWS::ApiGateway::Account")) == 1
    assert everything.api.all("AWS::ApiGateway::Account") == {}


def test_only_the_authorizer_has_the_settings_of_tokens(templates: Templates, everything: Templates) -> None:
    counted = {
        name: {key: value for key, value in function["Environment"]["Variables"].items() if key.startswith("OIDC")}
        for name, function in everything.service.functions().items()
    }
    assert counted.pop("authorize") == {
        "OIDC_ISSUER": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
        "OIDC_AUDIENCE": "0123456789",
        "OIDC_CLAIM_PREFIX": "custom:",
    }
    assert not any(counted.values())
    assert "OIDC" not in templates.service.text


def test_a_setting_limits_how_long_a_revoked_key_is_accepted(templates: Templates, everything: Templates) -> None:
    for stack, seconds in ((templates.service, 300), (everything.service, 60)):
        scheme = stack.one("AWS::ApiGateway::RestApi")["Body"]["components"]["securitySchemes"]["authorizer"]
        assert scheme["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"] == seconds


def test_malware_scans_are_received_if_enabled(templates: Templates, everything: Templates) -> None:
    name = "quarantine_file"
    assert not [id_ for id_ in templates.service.all("AWS::Events::Rule") if id_.startswith("QuarantineFile")]
    [rule] = [
        rule for id_, rule in everything.service.all("AWS::Events::Rule").items() if id_.startswith("QuarantineFile")
    ]
    assert rule["EventPattern"]["detail-type"] == ["Object Tags Added"]
    assert rule["EventPattern"]["detail"]["object"] == {"key": [{"anything-but": {"prefix": "incoming/"}}]}
    assert any(function["FunctionName"].endswith(name) for function in everything.service.functions().values())
