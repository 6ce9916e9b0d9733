"""GET /customers/{customer_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import CustomerId
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/customers/{customer_id}", scope="customer:read", grants=[Grant.READ], raises=[CustomerNotFound])
def handler(customer_id: CustomerId, request: Request) -> Customer:
    """Retrieve a customer.

    Issued documents keep the data that the customer had when they were issued.
    """
    return request.store.get(Customer, customer_id)
