"""The files of the pages that document the API, in the bucket of the deployment's assets.

Their keys are hashes of their content. So a deployment or a roll-back switches all pages at once, with the gateway.
"""

import tempfile
from pathlib import Path
from typing import Any

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from infra.gateway_pages import page_routes
from infra.pages import PAGES, Page


def pages(scope: Construct) -> dict[str, Any]:
    """The gateway's paths for the pages, and the role with which it reads them."""
    with tempfile.TemporaryDirectory() as folder:
        files = {page.path: _file(scope, page, Path(folder)) for page in PAGES}
    objects = [f"arn:{Aws.PARTITION}:s3:::{file.s3_bucket_name}/{file.s3_object_key}" for file in files.values()]
    reads = iam.PolicyStatement(actions=["s3:GetObject"], resources=objects)
    role = iam.Role(
        scope,
        "PagesRole",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        description="Lets the gateway read the pages that document the API.",
        inline_policies={"Read": iam.PolicyDocument(statements=[reads])},
    )
    uris = {
        path: f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:s3:path/{file.s3_bucket_name}/{file.s3_object_key}"
        for path, file in files.items()
    }
    return page_routes(uris, role.role_arn)


def _file(scope: Construct, page: Page, folder: Path) -> Asset:
    name = page.path.strip("/").replace("/", "-")
    path = folder / (name if "." in name else f"{name}.html")
    path.write_text(page.text(), encoding="utf-8")
    return Asset(scope, f"Page{page.path.replace('/', '-')}", path=str(path))
