"""The settings of a stage: one checked-in file per stage, validated. Every setting has a default."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from aws_cdk import RemovalPolicy
from aws_cdk.aws_lambda import Architecture
from aws_cdk.aws_logs import RetentionDays
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.local.failure import LocalError
from infra.thresholds import Thresholds
from invoicing import config
from invoicing.core.event import SOURCE
from invoicing.core.model import Code
from invoicing.tenants.email_identity import MAX_IDENTITIES, EmailIdentity
from invoicing.webhooks.addresses import LOOPBACK

STAGES = Path(__file__).with_name("stages")
DEFAULT_STAGE = "dev"
_OF_THE_MACHINE = frozenset({"architecture", "base_url"})
"""Settings that depend on the machine of the embedded AWS, so a context key may set them there."""
_NOT_EMBEDDED = ("customer_key", "files_access_log", "object_lock", "backup_months", "replica_region")
"""Settings that need services which the embedded AWS lacks."""
_MAX_COVERING = 75
"""So that the policy of the function that sends e-mails has at most the 10,240 characters that IAM allows."""
# The CDK's own context keys contain other characters.
_OURS = re.compile(r"[a-z][a-z0-9_]*")


def _foreign(source: str) -> str:
    if source == SOURCE or source.startswith("aws."):
        raise ValueError(f"{source} is not another service")
    return source


type Lock = Literal["off", "governance", "compliance"]
Account = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
EventSource = Annotated[Code, AfterValidator(_foreign)]
Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$")]


class InvalidSettings(LocalError):
    """A stage, a stage file or a context key that is not valid. The message is one line."""


class Settings(BaseModel):
    """One deployment. Each field but `stage` is a key of `infra/stages/<stage>.toml`; the README derives its table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    # Part of every name and of patterns over names, hence without hyphens.
    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")] = DEFAULT_STAGE
    """The name of the stage, which is part of every name."""
    alarm_email: str | None = None
    """The address that receives alarms."""
    runbooks_url: str = "infra/runbooks/README.md"
    """Where the [runbooks](runbooks/README.md) are, for the links in alarms: your URL of that file."""
    thresholds: Thresholds = Thresholds()
    """The thresholds of the alarms, as `[thresholds]` in the file."""
    domain: str | None = None
    """Your own address for the API; needs `certificate_arn`."""
    certificate_arn: str | None = None
    """The ACM certificate of `domain`."""
    hosted_zone_id: str | None = None
    """The Route 53 zone that gets the DNS records of `domain`."""
    hosted_zone_name: str | None = None
    """The name of that zone."""
    base_url: str | None = None
    """The URL of the API, if it is neither the API's own address nor under `domain`."""
    error_pages_url: Annotated[str, Field(pattern=r"^(https?:/)?/[^\s?#]*[^\s?#/]$")] = config.DEFAULT_ERROR_PAGES
    """The URL of the pages that document error codes, which `type` in errors begins with; a path is the API's own."""
    cors_origins: tuple[Origin, ...] = ()
    """The web pages that may call the API from a browser."""
    firewall: bool = True
    """Whether a firewall (AWS WAF) protects the API."""
    requests_per_ip: Annotated[int, Field(ge=10)] = 10_000
    """How many requests the firewall accepts from one IP address in five minutes."""
    requests_without_credential: Annotated[int, Field(ge=10)] = 3_000
    """How many requests without a well-formed credential it accepts from all addresses together in five minutes."""
    tenant_requests_per_second: Annotated[int, Field(ge=1)] = 25
    """How many requests a second the gateway accepts for one tenant, and twice as many at once."""
    requests_per_second: Annotated[int, Field(ge=1)] = 1_000
    """How many requests a second the gateway accepts in all."""
    burst: Annotated[int, Field(ge=1)] = 2_000
    """How many requests the gateway accepts at once in all."""
    anonymous_per_second: Annotated[int, Field(ge=1)] = 20
    """How many requests a second the gateway accepts for each endpoint without credentials: download links."""
    event_sources: Annotated[tuple[EventSource, ...], Field(max_length=20)] = ("orders",)
    """The `source` of the other services whose events the stage accepts. Each tenant chooses among them."""
    event_consumers: Annotated[tuple[Account, ...], Field(max_length=50)] = ()
    """The AWS accounts that may add rules for the stage's events to its bus."""
    oidc_issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = None
    """The OpenID Connect issuer whose tokens the API accepts beside API keys."""
    oidc_audience: str | None = None
    """The audience that these tokens are issued for."""
    oidc_claim_prefix: str = ""
    """The prefix of `tenant_id`, `role`, `customer_id` and `user_id` in these tokens: `custom:` for Cognito."""
    email_identities: Annotated[tuple[EmailIdentity, ...], Field(max_length=MAX_IDENTITIES)] = ()
    """The SES identities, addresses or domains, that the stage may send e-mail from. An empty list sends none."""
    webhook_ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65_535)], ...], Field(min_length=1)] = (443,)
    """The ports that the URLs of webhook endpoints may have."""
    gateway_log_role: bool = True
    """Whether the stage sets the role with which all APIs of the account and region log; one stage suffices."""
    credentials_kept: Annotated[int, Field(ge=0, le=3_600)] = 300
    """How many seconds the gateway caches a credential, and so accepts a revoked one."""
    consumer_concurrency: Annotated[int, Field(ge=2, le=1_000)] = 8
    """How many workers process the messages of one queue at the same time, at most; of webhooks always 50."""
    reserved_concurrency: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    """Functions, by name, and the number of workers that AWS keeps free for each. It is also their maximum."""
    malware_scan: bool = False
    """Whether files that GuardDuty tags as harmful are quarantined."""
    vat_checks: bool = False
    """Whether VAT ids of customers are checked in VIES, which receives them and that of the tenant."""
    deployments: Literal["at_once", "canary", "linear", "unwatched"] = "at_once"
    """How functions change: `at_once`, `canary` (10 % for five minutes), `linear` (10 % a minute), or `unwatched`."""
    snap_start: tuple[str, ...] = ()
    """The functions, by name, that start from a snapshot (SnapStart). Each costs about 2 USD a month at 512 MB."""
    customer_key: bool = False
    """Whether a KMS key of the stage encrypts table, files, queues, logs and alarms: 1 USD a month and its uses."""
    files_access_log: bool = False
    """Whether S3 logs each access to a file, in a bucket that keeps these logs for 90 days."""
    object_lock: Lock = "off"
    """Whether S3 locks issued documents: `governance` lets privileged users delete them, `compliance` nobody."""
    retention_years: Annotated[int, Field(ge=1, le=30)] = 8
    """How many years they are locked after the calendar year of issue: 8 in Germany (§ 14b UStG)."""
    backup_months: Annotated[int, Field(ge=0, le=120)] = 0
    """How many months the monthly backups of table and files (AWS Backup) are kept. With 0 there are none."""
    backup_lock: Lock = "off"
    """Whether the vault of these backups is locked, in the same modes."""
    replica_region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")] | None = None
    """Another region that gets a replica of table and files."""
    replica_key_arn: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:kms:")] | None = None
    """The KMS key in that region for the replicas; needed beside `customer_key`."""
    log_retention: RetentionDays = RetentionDays.ONE_MONTH
    """How long logs are kept: a name of the CDK's `RetentionDays`."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """The processor of the functions."""
    embedded: bool = False
    """Whether the stage is for the embedded AWS of one machine, which lacks some services and keeps nothing."""

    @model_validator(mode="after")
    def _domain_is_whole(self) -> Self:
        if self.domain and not self.certificate_arn:
            raise ValueError("domain needs certificate_arn")
        if bool(self.hosted_zone_id) != bool(self.hosted_zone_name):
            raise ValueError("hosted_zone_id and hosted_zone_name belong together")
        if self.hosted_zone_id and not self.domain:
            raise ValueError("a hosted zone needs domain")
        return self

    @model_validator(mode="after")
    def _issuer_is_whole(self) -> Self:
        if bool(self.oidc_issuer) != bool(self.oidc_audience):
            raise ValueError("oidc_issuer and oidc_audience belong together")
        if self.oidc_issuer and not self.embedded and not self.oidc_issuer.startswith("https://"):
            raise ValueError("oidc_issuer is reached by https")
        return self

    @model_validator(mode="after")
    def _one_tenant_leaves_room_for_others(self) -> Self:
        if self.tenant_requests_per_second * 2 > min(self.requests_per_second, self.burst):
            raise ValueError("tenant_requests_per_second is more than half of requests_per_second or burst")
        return self

    @model_validator(mode="after")
    def _identities_fit_into_a_policy(self) -> Self:
        if len(self.covering_identities) > _MAX_COVERING:
            raise ValueError(f"email_identities have more than {_MAX_COVERING} addresses and domains that cover them")
        return self

    @model_validator(mode="after")
    def _replica_is_whole(self) -> Self:
        if self.replica_region is None and self.replica_key_arn is not None:
            raise ValueError("replica_key_arn needs replica_region")
        if self.replica_region is not None and self.customer_key != (self.replica_key_arn is not None):
            raise ValueError("a replica needs replica_key_arn if, and only if, the stage has customer_key")
        if self.backup_lock != "off" and not self.backup_months:
            raise ValueError("backup_lock needs backup_months")
        return self

    @model_validator(mode="after")
    def _embedded_stage_has_no_protection(self) -> Self:
        unsupported = [name for name in _NOT_EMBEDDED if getattr(self, name) != type(self).model_fields[name].default]
        if self.embedded and unsupported:
            raise ValueError(f"an embedded stage has no {', '.join(unsupported)}")
        return self

    @property
    def name(self) -> str:
        """The prefix of names; metrics and logs carry it as the service."""
        return f"invoicing-{self.stage}"

    @property
    def opted_in(self) -> frozenset[str]:
        """The settings that are switched on."""
        locks = {"object_lock"} if self.object_lock != "off" else set()
        return frozenset(name for name, value in self if value is True) | locks

    def has_alias(self, operation: str) -> bool:
        """Whether callers call an alias of a function, which points to a published version."""
        return self.deployments != "at_once" or operation in self.snap_start

    @property
    def retention(self) -> str:
        """Mode and years of the lock of issued documents, as functions get them; empty without a lock."""
        return "" if self.object_lock == "off" else f"{self.object_lock.upper()} {self.retention_years}"

    @property
    def webhook_targets(self) -> str:
        """Where webhooks may go, as functions get it: in the embedded AWS also to this machine."""
        return " ".join([*map(str, self.webhook_ports), *([LOOPBACK] if self.embedded else [])])

    @property
    def covering_identities(self) -> tuple[str, ...]:
        """The SES identities that can cover the addresses: an address itself, its domain, and each parent domain."""
        found = dict.fromkeys(self.email_identities)
        for identity in self.email_identities:
            labels = identity.rpartition("@")[2].split(".")
            found |= dict.fromkeys(".".join(labels[start:]) for start in range(len(labels) - 1))
        return tuple(found)

    @property
    def cpu(self) -> Architecture:
        """The architecture of functions and layers."""
        return Architecture.ARM_64 if self.architecture == "arm64" else Architecture.X86_64

    @property
    def removal(self) -> RemovalPolicy:
        """The policy for data when its stack is removed."""
        return RemovalPolicy.DESTROY if self.embedded else RemovalPolicy.RETAIN

    @property
    def public_url(self) -> str | None:
        """The URL of the API, if a setting determines it."""
        return self.base_url or (f"https://{self.domain}/v1" if self.domain else None)


def settings_of(context: Mapping[str, object], stages: Path = STAGES) -> Settings:
    """The settings of the stage that a CDK context names (`-c stage=prod`), read from that stage's file."""
    ours = {key: value for key, value in context.items() if _OURS.fullmatch(key)}
    stage = str(ours.pop("stage", DEFAULT_STAGE))
    file = stages / f"{stage}.toml"
    known = sorted(path.stem for path in stages.glob("*.toml"))
    if stage not in known:
        raise InvalidSettings(f"There is no stage {stage!r}; {_shown(stages)} has {', '.join(known)}.")
    values = _read(file)
    for key in ours:
        if not (values.get("embedded") is True and key in _OF_THE_MACHINE):
            raise InvalidSettings(f"-c {key}: only `stage` is a context key; set {key} in {_shown(file)}.")
    return _validated({**values, **ours}, stage, file)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{_shown(file)}: {error}") from None


def _validated(values: Mapping[str, Any], stage: str, file: Path) -> Settings:
    if "stage" in values:
        raise InvalidSettings(f"{_shown(file)}: stage: the name of the file is the stage.")
    try:
        # As JSON, strict validation accepts a list for a tuple and a name for an enum, but no "true" and no "50".
        return Settings.model_validate_json(json.dumps({**values, "stage": stage}, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "settings"
        what = "this is not a setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise InvalidSettings(f"{_shown(file)}: {where}: {what}.") from None


def _shown(path: Path) -> str:
    """A path as the reader of the repository knows it."""
    return str(path.relative_to(STAGES.parent.parent) if path.is_relative_to(STAGES) else path)
