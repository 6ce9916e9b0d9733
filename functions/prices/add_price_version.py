"""POST /prices/{price_id}/versions"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import PriceNotFound, VersionOrder
from invoicing.catalogue.events import PriceVersionAdded
from invoicing.catalogue.price import NewVersion, Price
from invoicing.catalogue.workflow import commit_price, product_and_price
from invoicing.core.errors import DateNotAllowed
from invoicing.core.ids import PriceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.subscriptions.billing.pricing import reach_of
from invoicing.tenants.table import moment_of


@endpoint(
    "POST",
    "/prices/{price_id}/versions",
    scope="catalogue:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[PriceNotFound, VersionOrder, DateNotAllowed],
)
def handler(price_id: PriceId, body: NewVersion, request: Request) -> Price:
    """Add a version to a price.

    It has new amounts or another tax from a day on. Versions never change, and neither do lines that were filled in.
    With `dry_run` nothing is added, and the response has the subscriptions that would take the version.
    """
    product, price = product_and_price(request.store, price_id)
    changed = price.with_version(body, moment_of(request.store))
    if body.dry_run:
        reach = reach_of(request.store, price_id, body.valid_from)
        return request.store.answer(changed.model_copy(update={"reaches": reach}))
    added = changed.versions[-1]
    event = PriceVersionAdded(number=added.number, valid_from=added.valid_from)
    return commit_price(request.store, product, changed, event)
