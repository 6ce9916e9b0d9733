"""What may differ between deployments: CDK context, checked and typed. Everything has a sound default."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from aws_cdk import RemovalPolicy
from aws_cdk.aws_lambda import Architecture
from aws_cdk.aws_logs import RetentionDays
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

# The CDK's own keys and flags contain other characters.
_OURS = re.compile(r"[a-z][a-z0-9_]*")
Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$")]


class InvalidSettings(Exception):
    """The CDK context has a key or a value that means nothing here."""


class Settings(BaseModel):
    """One deployment. Each field is a context key: `cdk deploy -c stage=prod -c alarm_email=…`."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    # Part of every name and of patterns over names, hence without hyphens.
    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")] = "dev"
    embedded: bool = False
    """Deployed into the embedded AWS of this machine, which lacks some things and keeps nothing."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    base_url: str | None = None
    """Where clients reach the API, if neither under its own address nor under `domain`."""
    domain: str | None = None
    certificate_arn: str | None = None
    hosted_zone_id: str | None = None
    hosted_zone_name: str | None = None
    alarm_email: str | None = None
    cors_origins: tuple[Origin, ...] = ()
    waf: bool = False
    requests_per_ip: Annotated[int, Field(ge=10)] = 2_000
    """How many requests the firewall lets one address make in five minutes."""
    requests_per_second: Annotated[int, Field(ge=1)] = 100
    burst: Annotated[int, Field(ge=1)] = 200
    anonymous_per_second: Annotated[int, Field(ge=1)] = 20
    """How many requests a second the gateway lets through to each endpoint that asks for no credentials."""
    oidc_issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = None
    """Whose tokens are taken beside API keys: an OpenID Connect issuer, as it names itself in them."""
    oidc_audience: str | None = None
    oidc_claim_prefix: str = ""
    """What `tenant_id`, `role`, `customer_id` and `user_id` begin with in its tokens: `custom:` for Cognito."""
    malware_scan: bool = False
    """Whether GuardDuty looks at what arrives in the bucket and tags it; what it finds harmful is quarantined."""
    credentials_kept: Annotated[int, Field(ge=0, le=3_600)] = 300
    """For how many seconds the gateway keeps who a credential belongs to, and so takes one that was revoked."""
    log_retention: RetentionDays = RetentionDays.ONE_MONTH

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return (
            tuple(origin.strip() for origin in value.split(",") if origin.strip()) if isinstance(value, str) else value
        )

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

    @property
    def name(self) -> str:
        """What names begin with; metrics and logs carry it as the service."""
        return f"invoicing-{self.stage}"

    @property
    def opted_in(self) -> frozenset[str]:
        """The settings that are switched on."""
        return frozenset(name for name, value in self if value is True)

    @property
    def cpu(self) -> Architecture:
        """The architecture of functions and layers."""
        return Architecture.ARM_64 if self.architecture == "arm64" else Architecture.X86_64

    @property
    def removal(self) -> RemovalPolicy:
        """What becomes of data when its stack is removed."""
        return RemovalPolicy.DESTROY if self.embedded else RemovalPolicy.RETAIN

    @property
    def public_url(self) -> str | None:
        """Where clients reach the API, where context says so."""
        return self.base_url or (f"https://{self.domain}/v1" if self.domain else None)


def settings_of(context: Mapping[str, object]) -> Settings:
    """The settings in a CDK context. A key that is misspelt is refused, not passed over."""
    try:
        return Settings.model_validate({key: value for key, value in context.items() if _OURS.fullmatch(key)})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "context"
        raise InvalidSettings(f"{where}: {first['msg']}") from None
