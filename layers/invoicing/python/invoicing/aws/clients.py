"""boto3 clients, one per service and worker, configured for a function that responds within seconds."""

import secrets
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
from botocore.config import Config

from invoicing import config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_ENTROPY_BYTES = 48
"""Bytes that OpenSSL's generator needs to reseed: a key of 256 bits and a nonce of 128."""
Service = Literal["dynamodb", "events", "kms", "s3", "secretsmanager", "sesv2", "sqs", "ssm"]

ATTEMPTS = 3
CONNECT_SECONDS = 1
READ_SECONDS = 5
SES_READ_SECONDS = 20

_COMMON = Config(
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    # A worker is frozen between two requests; without probes it would not notice that the other side hung up.
    tcp_keepalive=True,
    # Tests validate the parameters of every call. In Lambda, validation would be a third of the cost of a write.
    parameter_validation=False,
    # botocore would compute its own twice for each request.
    user_agent=f"invoicing/{config.VERSION}",
)
_SPECIAL: dict[Service, Config] = {
    # SES has no token that identifies a repeated request: a retry could send the mail a second time.
    "sesv2": Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=SES_READ_SECONDS),
    "s3": Config(
        # By default, URLs for some regions have Signature Version 2 or the global host.
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        # The signature covers the content already.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    ),
}
_made: list[Any] = []


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["kms"]) -> "KMSClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sesv2"]) -> "SESV2Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["ssm"]) -> "SSMClient": ...
def client(service: Service) -> Any:
    """The client of a service, with the region, credentials and endpoint that boto3 reads from the environment."""
    return _client(service)


def disconnect() -> None:
    """Close the connections of all clients. The clients stay usable: their next call opens a new connection.

    TLS draws the keys of a connection from OpenSSL's generator, whose state is in a snapshot: it gets fresh entropy of
    the operating system first, so that two workers of one snapshot never draw the same ones.
    """
    ssl.RAND_add(secrets.token_bytes(_ENTROPY_BYTES), _ENTROPY_BYTES)
    for made in _made:
        made.close()


def reset() -> None:
    """Forget all clients, with their connections and credentials: the next call makes new ones."""
    _made.clear()
    _client.cache_clear()
    _session.cache_clear()


@cache
def _client(service: Service) -> Any:
    settings = _COMMON.merge(_SPECIAL[service]) if service in _SPECIAL else _COMMON
    made = _session().client(service, config=settings)
    _made.append(made)
    return made


@cache
def _session() -> boto3.Session:
    return boto3.Session()
