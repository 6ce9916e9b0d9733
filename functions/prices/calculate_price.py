"""POST /prices/{price_id}/calculate"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.calculation import Calculation, calculation
from invoicing.catalogue.errors import PriceNotFound, PriceNotInCurrency, TaxNotKnown
from invoicing.catalogue.lines import offer_of
from invoicing.catalogue.requests import Calculate
from invoicing.catalogue.workflow import product_and_price
from invoicing.core.ids import PriceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import tenant_of


@endpoint(
    "POST",
    "/prices/{price_id}/calculate",
    scope="catalogue:read",
    grants=[Grant.READ],
    raises=[PriceNotFound, PriceNotInCurrency, TaxNotKnown],
)
def handler(price_id: PriceId, body: Calculate, request: Request) -> Calculation:
    """Calculate the amount of a quantity at a price.

    The response has the lines that a document would have, each with its rule, formula and rounding. Nothing is stored.
    """
    tenant = tenant_of(request.store)
    product, price = product_and_price(request.store, price_id)
    on = body.on or request.moment.today
    offer = offer_of(tenant, product, price, price.versions[price.number_on(on) - 1])
    return calculation(offer, body, currency=body.currency or tenant.currency, on=on)
