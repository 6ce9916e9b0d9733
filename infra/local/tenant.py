"""`invoicing tenant …`: companies of a deployed service, with ordinary AWS credentials."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from infra.local.company import Ask, Document, complete
from infra.local.failure import LocalError
from infra.tenants import CreatedTenant, OperatorChange, apply_operator_change, create_company
from invoicing.core import clock
from invoicing.core.errors import DomainError, Invalid
from invoicing.http.body import refusal
from invoicing.tenants.email_identity import OperatorSettings
from invoicing.tenants.errors import TenantNotFound
from invoicing.tenants.model import Tenant
from invoicing.tenants.readiness import MissingSetting


@dataclass(frozen=True)
class Created:
    """A new company, and the settings that its invoices still need."""

    company: CreatedTenant
    missing: Sequence[MissingSetting]


def create(
    document: Document, *, stage: str, identities: Sequence[str] = (), daily_limit: int | None = None, ask: Ask | None
) -> Created:
    """Create a company from a document, which a person at a terminal completes (`ask`)."""

    def entered() -> Created:
        operator = OperatorChange(grant=identities, daily_limit=daily_limit).applied_to(OperatorSettings())
        company = complete(document, operator, ask, clock.now())
        at = clock.now()
        created = create_company(company.data, company.admin, stage=stage, at=at, operator=company.operator)
        return Created(created, company.missing(at))

    return in_stage(stage, entered)


def update(tenant_id: str, change: OperatorChange, *, stage: str) -> Tenant:
    """Change the e-mail identities and the daily limit of a company."""
    return in_stage(stage, lambda: apply_operator_change(tenant_id, change, at=clock.now()))


def in_stage[T](stage: str, do: Callable[[], T]) -> T:
    """Run against the table of a stage. Mistakes that the operator can correct are one line."""
    try:
        session = boto3.Session()
        _require_configured(session)
        # The setting from which the service's code reads the table's name.
        os.environ["TABLE_NAME"] = outputs_of(session, stage, "data")["TableName"]
        return do()
    except ValidationError as error:
        raise LocalError(_reason(refusal(error))) from None
    except Invalid as error:
        raise LocalError(_reason(error)) from None
    except TenantNotFound as error:
        raise LocalError(error.detail) from None
    except (ClientError, BotoCoreError, DomainError) as error:
        raise LocalError(f"AWS says: {error}") from None


def _reason(error: DomainError) -> str:
    return "; ".join(f"{one.pointer.lstrip('/')}: {one.message}" for one in error.errors)


def _require_configured(session: boto3.Session) -> None:
    """AWS requires credentials (from a profile, a sign-on or the environment) and a region."""
    if session.get_credentials() is None or session.region_name is None:
        raise LocalError("AWS needs credentials and a region: `aws configure` or AWS_PROFILE, AWS_DEFAULT_REGION.")


def outputs_of(session: boto3.Session, stage: str, part: str) -> dict[str, str]:
    """The outputs of one stack of a stage."""
    stack = f"invoicing-{stage}-{part}"
    try:
        [found] = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationError":
            raise LocalError(
                f"There is no stack {stack} here; deploy it first: cdk deploy --all -c stage={stage}"
            ) from None
        raise
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
