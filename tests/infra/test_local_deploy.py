"""The deployer and the front, with two small stacks written by hand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import deploy
from infra.local.failure import LocalError
from infra.local.ministack import Ministack, ministack

_HANDLER = """
import json
import sys

def handler(event, context):
    print("called")
    modules = sorted({str(getattr(module, "__file__", None)) for module in list(sys.modules.values())})
    return {"statusCode": 200, "body": json.dumps({"event": event, "modules": modules})}
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    with ministack(0, tmp_path_factory.mktemp("aws")) as running:
        yield running


def _assembly(folder: Path, templates: dict[str, dict[str, Any]], dependencies: dict[str, list[str]]) -> Path:
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "echo.py").write_text(_HANDLER)
    asset = {
        "source": {"path": "code", "packaging": "zip"},
        "destinations": {
            "here": {"bucketName": "assets-${AWS::AccountId}-${AWS::Region}", "objectKey": "code.zip"},
        },
    }
    artifacts: dict[str, Any] = {}
    for name, template in templates.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        described = {
            "source": {"path": f"{name}.template.json", "packaging": "file"},
            "destinations": {"here": {"bucketName": "templates", "objectKey": f"{name}.json"}},
        }
        (folder / f"{name}.assets.json").write_text(json.dumps({"files": {"code": asset, "template": described}}))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "dependencies": dependencies.get(name, []),
            "properties": {"stackTemplateAssetObjectUrl": f"s3://templates/{name}.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def _echo_api() -> dict[str, Any]:
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": {
            "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Echo.Arn}/invocations"
        },
    }
    body = {
        "openapi": "3.0.1",
        "info": {"title": "echo", "version": "1"},
        "paths": {"/echo/{id}": {"post": {"x-amazon-apigateway-integration": integration, "responses": {}}}},
    }
    return {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                },
            },
            "Echo": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "echo.handler",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {
                        "S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}"},
                        "S3Key": "code.zip",
                    },
                },
            },
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "echo", "Body": body}},
            "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
            "Stage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {
                    "RestApiId": {"Ref": "Api"},
                    "DeploymentId": {"Ref": "Deployment"},
                    "StageName": "v1",
                },
            },
        },
        "Outputs": {
            "ApiUrl": {"Value": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/v1/"}},
            "TopicName": {"Value": {"Fn::ImportValue": "the-topic"}},
        },
    }


_TOPIC = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "first"}}},
    "Outputs": {"Topic": {"Value": {"Fn::GetAtt": ["Topic", "TopicName"]}, "Export": {"Name": "the-topic"}}},
}


@pytest.fixture(scope="module")
def outputs(aws: Ministack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    # The stack that needs the other comes first in the manifest.
    templates = {"service": _echo_api(), "data": _TOPIC}
    assembly = _assembly(tmp_path_factory.mktemp("assembly"), templates, {"service": ["data", "service.assets"]})
    deployed = deploy.deploy(assembly, aws.url)
    aws.publish(deploy.api_id(deployed))
    return deployed


@pytest.fixture(scope="module")
def echoed(aws: Ministack, outputs: dict[str, str]) -> Any:
    assert outputs["ApiUrl"]
    url = f"{aws.url}/v1/echo/a%20b?x=1&x=2"
    return httpx.post(url, headers={"X-Forwarded-For": "203.0.113.9", "X-Mine": "yes"}, timeout=120).json()


def test_a_stack_is_created_after_those_it_depends_on(outputs: dict[str, str]) -> None:
    assert outputs["TopicName"] == "first"


def test_the_function_gets_the_path_as_from_the_real_gateway(echoed: Any) -> None:
    event = echoed["event"]
    assert event["resource"] == "/echo/{id}"
    assert event["path"] == "/echo/a b"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["requestContext"]["path"] == "/v1/echo/a b"
    assert event["requestContext"]["stage"] == "v1"


def test_a_client_cannot_choose_the_address_it_comes_from(echoed: Any) -> None:
    event = echoed["event"]
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["headers"]["x-mine"] == "yes"


def test_a_function_imports_from_code_layers_and_python_only(echoed: Any) -> None:
    foreign = [module for module in echoed["modules"] if "site-packages" in module]
    assert echoed["modules"]
    assert foreign == []


def test_a_failed_stack_gives_the_reason_in_one_line(aws: Ministack, tmp_path: Path) -> None:
    broken = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::ImportValue": "missing"}}}}
    }
    with pytest.raises(LocalError, match=r"^broken cannot be deployed: Topic: .*'missing'") as refused:
        deploy.deploy(_assembly(tmp_path / "assembly", {"broken": broken}, {}), aws.url)
    assert "\n" not in str(refused.value)


def test_a_template_that_is_refused_gives_the_reason_in_one_line(aws: Ministack, tmp_path: Path) -> None:
    refused_template: dict[str, Any] = {"Resources": {"Nothing": {"Type": "AWS::Nothing::AtAll"}}}
    with pytest.raises(LocalError, match=r"^odd cannot be deployed: ") as refused:
        deploy.deploy(_assembly(tmp_path / "assembly", {"odd": refused_template}, {}), aws.url)
    assert "\n" not in str(refused.value)


def test_requests_before_a_deployment_get_a_clear_error(tmp_path: Path) -> None:
    with ministack(0, tmp_path) as empty:
        assert httpx.get(f"{empty.url}/v1/invoices").status_code == 503
