"""`invoicing doctor`: whether the quotas and the e-mail account of an AWS account suffice for a stage."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.failure import LocalError
from infra.settings import Settings, settings_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

LAMBDA_CONCURRENCY = 1_000
"""The functions that should be able to run at once. New accounts start with ten."""
UNRESERVED_CONCURRENCY = 100
"""The part of the account's concurrency that Lambda lets nobody reserve. A deployment that reserves more fails."""
API_RESOURCES = 300
"""The default quota of resources of one API."""
_MARGIN = 0.9
_QUOTAS = "aws service-quotas request-service-quota-increase --service-code"


class Finding(NamedTuple):
    """The result of one check, and what to do about it."""

    level: Literal["OK", "WARNING", "PROBLEM"]
    subject: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        """One line, and the advice below it."""
        first = f"{self.level:8} {self.subject}: {self.text}"
        return f"{first}\n{'':9}{self.advice}" if self.advice else first


Check = Callable[[Settings, boto3.Session], Iterator[Finding]]


def doctor(stage: str) -> list[Finding]:
    """All findings about a stage. A check that cannot run is a warning."""
    settings = settings_of({"stage": stage})
    session = boto3.Session()
    if session.get_credentials() is None or session.region_name is None:
        raise LocalError("AWS needs credentials and a region: `aws configure` or AWS_PROFILE, AWS_DEFAULT_REGION.")
    return [finding for subject, check in _CHECKS.items() for finding in _findings(subject, check, settings, session)]


def _findings(subject: str, check: Check, settings: Settings, session: boto3.Session) -> list[Finding]:
    try:
        return list(check(settings, session))
    except (ClientError, BotoCoreError) as error:
        return [Finding("WARNING", subject, f"not checked: {error}", "Allow the call, or check it in the console.")]


def _concurrency(settings: Settings, session: boto3.Session) -> Iterator[Finding]:
    limit = session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    subject, text = "Lambda concurrency", f"{limit} functions can run at once"
    reserved = sum(settings.reserved_concurrency.values())
    if reserved and reserved > limit - UNRESERVED_CONCURRENCY:
        advice = f"Lower reserved_concurrency of the stage: Lambda keeps {UNRESERVED_CONCURRENCY} for other functions."
        yield Finding("PROBLEM", subject, f"{text}, and the stage reserves {reserved}", advice)
    elif limit >= LAMBDA_CONCURRENCY:
        yield Finding("OK", subject, text)
    else:
        advice = f"{_QUOTAS} lambda --quota-code L-B99A9384 --desired-value {LAMBDA_CONCURRENCY}"
        yield Finding("WARNING", subject, text, advice)


def _email_account(_settings: Settings, session: boto3.Session) -> Iterator[Finding]:
    account = session.client("sesv2").get_account()
    status = account.get("EnforcementStatus", "HEALTHY")
    if not account.get("SendingEnabled", True) or status != "HEALTHY":
        advice = "See the runbook `SES suspended or limited`."
        yield Finding("PROBLEM", "SES account", f"SES does not accept e-mails ({status})", advice)
    quota = account.get("SendQuota", {})
    text = f"{quota.get('Max24HourSend', 0):.0f} e-mails a day, {quota.get('MaxSendRate', 0):.0f} a second"
    if account.get("ProductionAccessEnabled", False):
        yield Finding("OK", "SES account", text)
    else:
        advice = "Request production access in the SES console. Until then SES sends to verified addresses only."
        yield Finding("WARNING", "SES account", f"in the sandbox, {text}", advice)


def _email_identities(settings: Settings, session: boto3.Session) -> Iterator[Finding]:
    if not settings.email_identities:
        advice = f"Add the identities of your senders to infra/stages/{settings.stage}.toml and deploy."
        yield Finding("WARNING", "SES identities", "email_identities is empty, so the stage sends no e-mail", advice)
    ses = session.client("sesv2")
    for identity in settings.email_identities:
        yield _identity(ses, identity)


def _identity(ses: "SESV2Client", identity: str) -> Finding:
    subject = f"SES identity {identity}"
    try:
        found = ses.get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        create = f"aws sesv2 create-email-identity --email-identity {identity}"
        return Finding("PROBLEM", subject, "does not exist", create)
    if not found.get("VerifiedForSendingStatus", False):
        advice = "Publish the DKIM records of the identity, or open the link in SES's e-mail to the address."
        return Finding("PROBLEM", subject, "is not verified", advice)
    signed = found.get("DkimAttributes", {}).get("Status", "NOT_STARTED")
    if "@" not in identity and signed != "SUCCESS":
        advice = "Publish the DKIM records of the domain; without them many providers reject its e-mails."
        return Finding("WARNING", subject, f"is verified, but DKIM is {signed}", advice)
    return Finding("OK", subject, "is verified")


def _api_resources(settings: Settings, session: boto3.Session) -> Iterator[Finding]:
    gateway = session.client("apigateway")
    apis = [api for page in gateway.get_paginator("get_rest_apis").paginate() for api in page["items"]]
    found = [api["id"] for api in apis if api["name"] == settings.name]
    if not found:
        yield Finding("WARNING", "API", "is not deployed", f"cdk deploy --all -c stage={settings.stage}")
        return
    pages = gateway.get_paginator("get_resources").paginate(restApiId=found[0])
    used = sum(len(page["items"]) for page in pages)
    limit = _quota(session, "apigateway", "Resources per API", API_RESOURCES)
    text = f"{used} of {limit:.0f} resources"
    if used < limit * _MARGIN:
        yield Finding("OK", "API", text)
    else:
        yield Finding("WARNING", "API", text, 'Service Quotas, Amazon API Gateway: raise "Resources per API".')


def _quota(session: boto3.Session, service: str, name: str, default: float) -> float:
    """The value of a quota by its name in Service Quotas, which lists only quotas that it knows for the account."""
    pages = session.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
    values = (one["Value"] for page in pages for one in page["Quotas"] if one["QuotaName"] == name)
    return next(values, default)


def _account_throttles(settings: Settings, session: boto3.Session) -> Iterator[Finding]:
    limits: Any = session.client("apigateway").get_account().get("throttleSettings", {})
    wanted = {"rateLimit": settings.requests_per_second, "burstLimit": settings.burst}
    for name, value in wanted.items():
        subject = f"API Gateway {name}"
        limit = limits.get(name)
        if limit is None:
            yield Finding("WARNING", subject, "unknown", "See Service Quotas, Amazon API Gateway, throttle rate.")
        elif limit >= value:
            yield Finding("OK", subject, f"{limit:.0f} for the account, {value} for the stage")
        else:
            advice = "Raise it in Service Quotas, or lower requests_per_second and burst of the stage."
            yield Finding("WARNING", subject, f"{limit:.0f} for the account is less than {value} of the stage", advice)


def _alarms(settings: Settings, _session: boto3.Session) -> Iterator[Finding]:
    if settings.alarm_email:
        yield Finding("OK", "Alarms", f"go to {settings.alarm_email}, if it confirmed the subscription")
    else:
        advice = f"Set alarm_email in infra/stages/{settings.stage}.toml."
        yield Finding("WARNING", "Alarms", "reach nobody", advice)


_CHECKS: dict[str, Check] = {
    "Lambda concurrency": _concurrency,
    "SES account": _email_account,
    "SES identities": _email_identities,
    "API": _api_resources,
    "API Gateway throttles": _account_throttles,
    "Alarms": _alarms,
}
