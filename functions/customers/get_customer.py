"""GET /customers/{customer_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.customer import Customer
from invoicing.domain.errors import CustomerNotFound
from invoicing.domain.ids import CustomerId


@endpoint("GET", "/customers/{customer_id}", scope="customer:read", grants=[Grant.READ], raises=[CustomerNotFound])
def handler(customer_id: CustomerId, request: Request) -> Customer:
    """Retrieve a customer.

    Issued documents keep the data that the customer had when they were issued.
    """
    return request.store.customer(customer_id)
