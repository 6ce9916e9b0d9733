"""Values that are read at run time and cached in the worker: parameters of SSM, and secrets."""

from functools import cache
from typing import TYPE_CHECKING

from invoicing.aws.clients import client

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider

CACHED_SECONDS = 900


def parameter(name: str) -> str:
    """The value of a parameter in SSM's Parameter Store."""
    return str(_ssm().get(name, max_age=CACHED_SECONDS))


def secret(name: str) -> str:
    """The value of a secret in Secrets Manager, by its name or ARN."""
    return str(_secrets().get(name, max_age=CACHED_SECONDS))


def forget() -> None:
    """Clear the cache: the next call reads again, with a new client."""
    _ssm.cache_clear()
    _secrets.cache_clear()


@cache
def _ssm() -> "SSMProvider":
    # Few functions read any; the providers of all sources are loaded together.
    from aws_lambda_powertools.utilities.parameters import SSMProvider

    return SSMProvider(boto3_client=client("ssm"))


@cache
def _secrets() -> "SecretsProvider":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

    return SecretsProvider(boto3_client=client("secretsmanager"))
