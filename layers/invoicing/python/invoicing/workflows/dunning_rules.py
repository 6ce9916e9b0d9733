"""What a dunning rule needs to know about its company."""

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.dunning_rule import DunningRuleData
from invoicing.domain.errors import Invalid


def require_base_rate(store: Store, data: DunningRuleData) -> None:
    """Refuse interest for a company whose base rate is not known: the rule would never be applied."""
    if data.interest is None:
        return
    tenant = store.tenant()
    today = tenant.today(store.session.now)
    if not tenant.known_base_rates.cover(today, today):
        message = (
            f"The base rate of the tenant's country on {today} is not known; add it to the tenant's base_rates first."
        )
        raise Invalid(message, pointer="/interest")
