"""AWS clients, made once in a worker's life. The only place that knows botocore's settings."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore.config import Config
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

Service = Literal["dynamodb", "events", "s3", "sesv2", "sqs", "ssm"]
# What each service answers within, and how often botocore asks in all; the store answers conflicts itself.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    # Our models have checked the values; botocore's own check costs a third of a call.
    parameter_validation=False,
)
_FOR_SERVICE = {
    # Else URLs are signed the old way, and for the global host, in some regions. A host that is an address
    # (the embedded AWS) gets bucket names in the path all the same.
    "s3": Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    # SES mails again what it is asked again: a lost answer goes back to the queue, once, and is not repeated here.
    "sesv2": Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}),
}


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sesv2"]) -> "SESV2Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["ssm"]) -> "SSMClient": ...
def client(service: Service) -> Any:
    """The client of a service, for the region and credentials of the environment."""
    return _client(service)


@cache
def _session() -> Session:
    return get_session()


@cache
def _client(service: Service) -> Any:
    return _session().create_client(service, config=_CONFIG.merge(_FOR_SERVICE.get(service, Config())))
