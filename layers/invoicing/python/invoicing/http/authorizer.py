"""`@authorizer`: the function that identifies callers for the gateway, which caches the response for five minutes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicing import config
from invoicing.aws.grants import Grant
from invoicing.core import clock
from invoicing.core.errors import Unauthenticated
from invoicing.core.identity import Caller
from invoicing.http.declaration import Declaration, Layer
from invoicing.http.request import header
from invoicing.http.usage import usage_key_of
from invoicing.http.warm import started
from invoicing.observability import log_line

SCHEMES = ("bearer", "api-key")


@dataclass(frozen=True, kw_only=True)
class Authorizer(Declaration):
    """The gateway's authorizer. `identify(secret, now)` names the caller or refuses."""

    identify: Callable[..., Caller]

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:  # noqa: ARG002 — Lambda's form
        """A policy over every route (scopes are checked in the functions), with the caller as its context."""
        begun = time.perf_counter()
        # The embedded gateway sends no request id here.
        facts = {"correlation_id": event["requestContext"].get("requestId")}
        try:
            caller = self.identify(_secret(event), clock.now())
        except Unauthenticated as refused:
            log_line("authorize", begun, unexpected=False, facts=facts | {"code": refused.code, "why": refused.detail})
            return _policy("Deny", "nobody", event, {"code": refused.code, "title": refused.title()}, tenant_id=None)
        except Exception:
            log_line("authorize", begun, unexpected=True, facts=facts)
            raise
        principal = caller.user.id if caller.user else caller.tenant_id
        log_line(
            "authorize", begun, unexpected=False, facts=facts | {"tenant_id": caller.tenant_id, "user_id": principal}
        )
        known = {"tenant_id": caller.tenant_id, "caller": caller.model_dump_json()}
        return _policy("Allow", principal, event, known, tenant_id=caller.tenant_id)


def authorizer(
    *, grants: Sequence[Grant], layers: Sequence[Layer] = ()
) -> Callable[[Callable[..., Caller]], Authorizer]:
    """Make a function the authorizer, which identifies callers."""

    def declare(identify: Callable[..., Caller]) -> Authorizer:
        declared = Authorizer(grants=tuple(grants), layers=tuple(layers), identify=identify, timeout=10)
        started(declared.grants, Caller)
        return declared

    return declare


def _secret(event: Mapping[str, Any]) -> str:
    """The credential in `Authorization: Bearer …` or `Api-Key …`."""
    scheme, _, secret = (header(event.get("headers"), "Authorization") or "").strip().partition(" ")
    if scheme.lower() not in SCHEMES or not secret.strip():
        raise Unauthenticated
    return secret.strip()


def _policy(
    effect: str, principal: str, event: Mapping[str, Any], context: Mapping[str, str], *, tenant_id: str | None
) -> Mapping[str, Any]:
    # arn:…:<api>/<stage>/<method>/<path>: the cached policy must cover every method and path.
    arn = str(event["methodArn"])
    api, stage = arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
        "usageIdentifierKey": usage_key_of(config.setting("STAGE"), tenant_id),
    }
