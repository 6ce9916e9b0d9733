"""The authorizer of the gateway; its response is cached for five minutes"""

from datetime import datetime

from invoicing.aws.grants import Grant
from invoicing.core.errors import Unauthenticated
from invoicing.core.identity import SCOPES, Caller
from invoicing.http.authorizer import authorizer
from invoicing.http.declaration import Layer
from invoicing.users.credentials import owner_of, record_last_use, require_customer, tenant_and_user
from invoicing.users.model import digest
from invoicing.users.tokens import bearer_of, is_token


@authorizer(grants=[Grant.READ, Grant.NOTE_USE, Grant.REACH_SECRETS], layers=[Layer.TOKENS])
def handler(secret: str, now: datetime) -> Caller:
    """Resolve an API key or OIDC token to its caller and scopes."""
    if is_token(secret):
        bearer = bearer_of(secret)
        tenant, stored = tenant_and_user(bearer.tenant_id, bearer.user_id)
        user = bearer.user(stored, now)
        return _present(user.caller(tenant, SCOPES[bearer.role], bearer.expires_at, by_token=True))
    owner = key, user, tenant = owner_of(digest(secret))
    if not key.live(now) or user.deactivated:
        raise Unauthenticated
    if key.use_needs_recording(now):
        record_last_use(owner, now)
    return _present(user.caller(tenant, key.scopes_of(user), key.expires_at))


def _present(caller: Caller) -> Caller:
    require_customer(caller)
    return caller
