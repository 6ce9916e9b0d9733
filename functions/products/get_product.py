"""GET /products/{product_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import ProductNotFound
from invoicing.catalogue.price import ProductWithPrices
from invoicing.catalogue.product import Product
from invoicing.catalogue.table import prices_of
from invoicing.core.ids import ProductId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/products/{product_id}", scope="catalogue:read", grants=[Grant.READ], raises=[ProductNotFound])
def handler(product_id: ProductId, request: Request) -> ProductWithPrices:
    """Retrieve a product with its prices."""
    product = request.store.get(Product, product_id)
    return ProductWithPrices(**dict(product), prices=prices_of(request.store, product))
