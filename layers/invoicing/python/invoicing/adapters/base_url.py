"""Where clients reach the API. The address is known only after the deployment, so it stands in a parameter."""

from functools import cache

from invoicing import config
from invoicing.aws.clients import client


@cache
def base_url() -> str:
    """The API's address, without a slash at the end; asked for once in a worker's life."""
    answer = client("ssm").get_parameter(Name=config.setting("BASE_URL_PARAMETER"))
    return answer["Parameter"]["Value"].rstrip("/")
