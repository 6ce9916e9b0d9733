"""DELETE /products/{product_id}"""

from invoicing.aws.grants import Grant
from invoicing.catalogue.errors import ProductInUse, ProductNotFound
from invoicing.catalogue.events import ProductDeleted
from invoicing.catalogue.product import Product
from invoicing.core.event import Recorded
from invoicing.core.ids import ProductId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "DELETE",
    "/products/{product_id}",
    scope="catalogue:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[ProductNotFound, ProductInUse],
)
def handler(product_id: ProductId, request: Request) -> None:
    """Delete a product without prices.

    Prices are never deleted, because documents refer to them. Archive a product that has prices.
    """
    product = request.store.get(Product, product_id)
    request.store.delete(Recorded(product, ProductDeleted()))
