"""Creates and configures the tenants of a deployed service, each with its first admin and a key that is shown once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from invoicing.core.errors import Invalid
from invoicing.core.event import Recorded
from invoicing.core.identity import ALL_SCOPES, Caller, Moment, Role
from invoicing.core.ids import new_id
from invoicing.store.retry import retry_on_conflict
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.email_identity import DEFAULT_DAILY_LIMIT, OperatorSettings, canonical
from invoicing.tenants.events import TenantUpdated
from invoicing.tenants.model import Tenant, TenantData, sender_violations, violations
from invoicing.tenants.table import tenant_of
from invoicing.users.credentials import create_tenant
from invoicing.users.events import ApiKeyCreated, UserCreated
from invoicing.users.model import ApiKeyData, NewApiKey, User, UserData, new_secret


@dataclass(frozen=True)
class CreatedTenant:
    """A company with its first admin and the secret of the admin's key, which is not stored."""

    tenant: Tenant
    admin: User
    secret: str

    @property
    def caller(self) -> Caller:
        """The admin as a caller."""
        tenant = self.tenant
        return Caller(tenant_id=tenant.id, time_zone=tenant.time_zone, scopes=ALL_SCOPES, user=self.admin.author)


def create_company(
    data: TenantData, admin: UserData, *, stage: str, at: datetime, operator: OperatorSettings | None = None
) -> CreatedTenant:
    """Create a company in the deployed table. Refuses the values that the API refuses (`VALIDATION_ERROR`)."""
    operator = operator or OperatorSettings()
    wrong = (*violations(data), *sender_violations(data.email_sender, operator.email_identities))
    if wrong:
        raise Invalid(errors=wrong)
    tenant = Tenant.new(new_id("ten", at), data, operator, at)
    moment = Moment(Caller.system(tenant.id), at)
    user = User.new(new_id("usr", at), admin, moment=moment)
    secret = new_secret(stage)
    key = NewApiKey.new(new_id("key", at), ApiKeyData(name="first"), secret, owner=user, moment=moment)
    create_tenant(tenant, user, key)
    return CreatedTenant(tenant, user, secret)


@dataclass(frozen=True)
class OperatorChange:
    """A change of a tenant by the operator; identities as the operator writes them."""

    grant: Sequence[str] = ()
    revoke: Sequence[str] = ()
    daily_limit: int | None = None

    def applied_to(self, before: OperatorSettings) -> OperatorSettings:
        """The settings after the change. Revoking an identity that is not granted is refused.

        The first grant resets the limit: before there were grants, tenants could set it themselves.
        """
        revoked = [canonical(one) for one in self.revoke]
        for position, identity in enumerate(revoked):
            if identity not in before.email_identities:
                raise Invalid(f"{identity} is not granted to this tenant.", pointer=f"/revoke/{position}")
        kept = [one for one in before.email_identities if one not in revoked]
        limit = before.email_daily_limit if before.email_identities else DEFAULT_DAILY_LIMIT
        identities = tuple(dict.fromkeys((*kept, *map(canonical, self.grant))))
        return OperatorSettings(email_identities=identities, email_daily_limit=self.daily_limit or limit)


def apply_operator_change(tenant_id: str, change: OperatorChange, *, at: datetime) -> Tenant:
    """Change the settings of a tenant that belong to the operator. Waiting mails are sent with the new settings."""

    def decide(store: Store) -> Tenant:
        tenant = tenant_of(store)
        changed = change.applied_to(tenant.operator_settings)
        return store.commit(Recorded(tenant.operated(changed, at), TenantUpdated()))

    return retry_on_conflict(Store(Session(Caller.system(tenant_id), at)), decide)


def add_user(entered: CreatedTenant, data: UserData, *, stage: str, at: datetime, ulid: str | None = None) -> str:
    """Add a user with a key to a company, both with this ULID or ones of their own. Returns the secret of the key."""
    store = Store(Session(entered.caller, at))
    user_id, key_id = (f"{kind}_{ulid}" if ulid else new_id(kind, at) for kind in ("usr", "key"))
    user = store.commit(Recorded(User.new(user_id, data, moment=store.session.moment), UserCreated()))
    secret = new_secret(stage)
    key = NewApiKey.new(key_id, ApiKeyData(name=data.role), secret, owner=user, moment=store.session.moment)
    store.commit(Recorded(key, ApiKeyCreated()))
    return secret


def first_admin(email: str, first_name: str, last_name: str) -> UserData:
    """The data of a first admin, who has all scopes."""
    return UserData(email=email, first_name=first_name, last_name=last_name, role=Role.ADMIN)
