"""The preparation of a Lambda worker at init, where it has a whole processor, so that no request waits for it."""

import gc
import random
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from invoicing import config
from invoicing.aws.clients import Service, client, disconnect
from invoicing.aws.grants import Grant, Resource
from invoicing.core.model import Aggregate
from invoicing.http.patch import Patch
from invoicing.store.table import table_of

_CLIENTS: Mapping[Resource, Service] = {
    Resource.TABLE: "dynamodb",
    Resource.FILES: "s3",
    Resource.BUS: "events",
    Resource.BASE_URL: "ssm",
    Resource.EMAIL: "sesv2",
    Resource.SECRETS_KEY: "kms",
    Resource.WEBHOOK_QUEUE: "sqs",
}
"""The client that a function with a grant on such a resource uses. Dead-letter queues are left out: few need them."""


def started(grants: Sequence[Grant], *models: Any) -> None:
    """The end of a worker's init. Builds validators of the models in requests and responses, and makes the clients.

    The garbage collector ignores the objects that exist then. In any other process, which declares all functions and
    handles no requests, this does nothing.
    """
    if not config.in_lambda():
        return
    for model in models:
        if isinstance(model, type) and issubclass(model, BaseModel) and not issubclass(model, Patch):
            model.model_rebuild()
            if issubclass(model, Aggregate):
                table_of(model)
    for resource in {grant.resource for grant in grants} & _CLIENTS.keys():
        client(_CLIENTS[resource])
    if config.starts_from_snapshot():
        from snapshot_restore_py import register_after_restore  # type: ignore[import-untyped]

        register_after_restore(renew_after_restore)
    gc.freeze()
    gc.enable()


def renew_after_restore() -> None:
    """Renew the state that workers of one snapshot must not share: random state and connections.

    Ids, tokens and keys come from the operating system, which is not part of a snapshot; only waiting times come from a
    generator in this process. Credentials need nothing: boto3 renews them by their age.
    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    """
    random.seed()
    disconnect()
