"""A function that only answers, behind the gateway of the embedded AWS: the least that a request takes there."""

import io
import json
import zipfile

import httpx

from infra.local.deploy import session
from infra.local.ministack import REGION
from infra.local.stack import Stack
from tests.load.traffic import Ask

_NAME = "echo"
_CODE = """
def handler(event, context):
    # A handler without output is slower in the embedded AWS.
    print("{}")
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
"""


def echo_url(stack: Stack) -> str:
    """Deploy the function with an API of its own. Returns its URL."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("echo.py", _CODE)
    clients = session()
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = clients.client("iam", endpoint_url=stack.aws.url).create_role(
        RoleName=_NAME, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    function = clients.client("lambda", endpoint_url=stack.aws.url).create_function(
        FunctionName=_NAME,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="echo.handler",
        Code={"ZipFile": content.getvalue()},
    )
    gateway = clients.client("apigateway", endpoint_url=stack.aws.url)
    api = gateway.create_rest_api(name=_NAME)["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    place = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    path = f"lambda:path/2015-03-31/functions/{function['FunctionArn']}/invocations"
    uri = f"arn:aws:apigateway:{REGION}:{path}"
    gateway.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="v1")
    return f"{stack.aws.url}/_aws/execute-api/{api}/v1/"


def echo(url: str) -> Ask:
    """A client of the function."""
    api = httpx.Client(timeout=120)
    return lambda: ("echo", 200, api.get(url).status_code)
