"""Who is calling: asked by the gateway, and kept by it for five minutes"""

import hmac
from datetime import datetime

from invoicing.adapters.dynamodb.credentials import owner_of, tenant_and_user
from invoicing.adapters.tokens import bearer_of, is_token
from invoicing.api.authorizer import authorizer
from invoicing.api.declaration import Layer
from invoicing.api.grants import Grant
from invoicing.domain.errors import Unauthenticated
from invoicing.domain.identity import SCOPES, Caller
from invoicing.domain.user import digest


@authorizer(grants=[Grant.READ], layers=[Layer.TOKENS])
def handler(secret: str, now: datetime) -> Caller:
    """Name the caller whom an API key or a token of the company's sign-on speaks for, and what they may do."""
    if is_token(secret):
        bearer = bearer_of(secret)
        tenant, stored = tenant_and_user(bearer.tenant_id, bearer.user_id)
        user = bearer.user(stored, now)
        return user.caller(tenant.time_zone, SCOPES[user.role], bearer.expires_at, by_token=True)
    key, user, tenant = owner_of(digest(secret))
    if not hmac.compare_digest(key.sha256, digest(secret)) or not key.live(now) or user.deactivated:
        raise Unauthenticated
    return user.caller(tenant.time_zone, key.scopes_of(user), key.expires_at)
