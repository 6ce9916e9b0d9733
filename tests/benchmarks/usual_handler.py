"""The same two operations written the usual way, with which our functions are compared.

It follows the first examples in the documentation of Powertools and boto3: one function behind several routes, a
validating resolver, logger, tracer and metrics as decorators, the idempotency utility, a table resource.
"""

import os
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.serialization.pydantic import PydanticSerializer
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

logger = Logger()
tracer = Tracer()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
persistence = DynamoDBPersistenceLayer(table_name=os.environ["TABLE_NAME"])
idempotency = IdempotencyConfig(expires_after_seconds=86_400)


class Line(BaseModel):
    """One position."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    quantity: Decimal
    unit_price: Annotated[Decimal, Field(ge=0)]
    tax_rate: Decimal = Decimal(19)


class NewInvoice(BaseModel):
    """The request of a client."""

    customer_name: Annotated[str, Field(min_length=1, max_length=200)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    note: str | None = None
    lines: Annotated[list[Line], Field(min_length=1, max_length=1000)]


class Invoice(NewInvoice):
    """The stored and shown invoice."""

    id: str
    total: Decimal


@idempotent_function(  # type: ignore[untyped-decorator] # Powertools has no types for it
    data_keyword_argument="body",
    config=idempotency,
    persistence_store=persistence,
    output_serializer=PydanticSerializer(model=Invoice),
)
def create(body: NewInvoice) -> Invoice:
    """Create the invoice once."""
    total = sum((line.quantity * line.unit_price * (1 + line.tax_rate / 100) for line in body.lines), Decimal(0))
    invoice = Invoice(**body.model_dump(), id=str(uuid4()), total=round(total, 2))
    table.put_item(Item={"PK": invoice.id, "SK": "#", **invoice.model_dump()})
    return invoice


@app.post("/invoices")
@tracer.capture_method
def create_invoice(body: NewInvoice) -> Invoice:
    """Draft an invoice."""
    metrics.add_metric(name="InvoicesCreated", unit=MetricUnit.Count, value=1)
    logger.info("creating", customer=body.customer_name)
    created: Invoice = create(body=body)
    return created


@app.get("/invoices/<invoice_id>")
@tracer.capture_method
def get_invoice(invoice_id: str) -> Invoice:
    """Show an invoice."""
    found = table.get_item(Key={"PK": invoice_id, "SK": "#"})
    if "Item" not in found:
        raise NotFoundError
    logger.info("found", invoice_id=invoice_id)
    return Invoice.model_validate(found["Item"])


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Respond to a request of the gateway."""
    return app.resolve(event, context)
