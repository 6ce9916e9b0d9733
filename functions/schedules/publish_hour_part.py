"""Each hour, for each part of the tenants"""

from invoicing.aws.grants import Grant
from invoicing.consumers.hour_parts import hour_part
from invoicing.outbox.hour_part import HourPart
from invoicing.outbox.hourly_tick import publish_part


@hour_part(grants=[Grant.LIST_TENANTS, Grant.PUBLISH], timeout=120)
def handler(part: HourPart) -> None:
    """Publish the hour to some of the tenants, one event each, and request the next part.

    The consumers of the hour find the due work by the tenant's own date.
    """
    publish_part(part)
