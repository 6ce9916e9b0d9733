"""Where clients reach the API. The address is known only after the deployment, so it is stored in a parameter."""

from invoicing import config
from invoicing.aws.parameters import parameter


def base_url() -> str:
    """The API's address, without a slash at the end."""
    return parameter(config.setting("BASE_URL_PARAMETER")).rstrip("/")
