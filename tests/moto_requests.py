"""Spares moto work of each test and each request that its answers do not depend on.

Together it took a third of the time of a short test.
"""

from functools import cache
from types import SimpleNamespace
from typing import Any

import responses
from moto import backend_index
from moto.core import models
from moto.core import responses as dispatching


@cache
def prepare_the_needed_requests_only() -> None:
    """Patch moto in this process."""
    # At the start of each account moto registers hundreds of URLs for each of seven methods of the library `requests`.
    # Tests send signed requests of two methods to S3 with it; boto3 does not use it.
    models_: Any = models
    models_.RESPONSES_METHODS = [responses.GET, responses.POST]
    files = [(service, pattern) for service, pattern in backend_index.backend_url_patterns if service == "s3"]
    models_.backend_index = SimpleNamespace(backend_url_patterns=files)
    # Each request would search its class for methods.
    dispatching_: Any = dispatching
    dispatching_.method_names_from_class = cache(dispatching_.method_names_from_class)
