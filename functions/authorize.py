"""Who is calling: asked by the gateway, and kept by it for five minutes"""

import hmac
from datetime import datetime

from invoicing.adapters.dynamodb.credentials import owner_of
from invoicing.api.authorizer import authorizer
from invoicing.api.grants import Grant
from invoicing.domain.errors import Unauthenticated
from invoicing.domain.identity import Caller
from invoicing.domain.user import digest


@authorizer(grants=[Grant.READ])
def handler(secret: str, now: datetime) -> Caller:
    """Name the caller that an API key belongs to, with the scopes that key and role leave."""
    key, user, tenant = owner_of(digest(secret))
    if not hmac.compare_digest(key.sha256, digest(secret)) or not key.live(now) or user.deactivated:
        raise Unauthenticated
    return Caller(
        tenant_id=tenant.id,
        time_zone=tenant.time_zone,
        role=user.role,
        scopes=key.scopes_of(user),
        user=user.author,
        customer_id=user.customer_id,
    )
