"""`invoicing tenant create`: enters a company into a deployed service, with ordinary AWS credentials."""

import os

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from infra.local.failure import LocalError
from infra.tenants import Entered, enter, first_admin
from invoicing import clock
from invoicing.api.body import refusal
from invoicing.domain.errors import DomainError, Invalid
from invoicing.domain.party import Address
from invoicing.domain.tenant import TenantData


def create(name: str, *, stage: str, country: str, email: str) -> Entered:
    """Enter a company; the rest of its data is the admin's affair (PATCH /tenant)."""
    try:
        # Where the service's own code looks for the table.
        os.environ["TABLE_NAME"] = _table(stage)
        data = TenantData(name=name, address=Address(country=country))
        return enter(data, first_admin(email, "First", "Admin"), stage=stage, at=clock.now())
    except ValidationError as error:
        raise LocalError(_reason(refusal(error))) from None
    except Invalid as error:
        raise LocalError(_reason(error)) from None
    except (ClientError, BotoCoreError) as error:
        raise LocalError(f"AWS says: {error}") from None


def _reason(error: DomainError) -> str:
    return "; ".join(f"{one.pointer.lstrip('/')}: {one.message}" for one in error.errors)


def _table(stage: str) -> str:
    """The table of a stage, as its data stack tells."""
    stack = f"invoicing-{stage}-data"
    try:
        [found] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationError":
            raise LocalError(
                f"There is no stack {stack} here; deploy it first: cdk deploy --all -c stage={stage}"
            ) from None
        raise
    return next(one["OutputValue"] for one in found["Outputs"] if one["OutputKey"] == "TableName")
