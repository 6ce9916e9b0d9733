"""What a Lambda worker does at init, where it has a whole processor, so that no request waits for it."""

import gc
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from invoicing.adapters.clients import client
from invoicing.api.grants import Grant, Resource
from invoicing.api.patch import Patch


def started() -> None:
    """The end of init: what is there now is never looked at again by the garbage collector, what comes is."""
    gc.freeze()
    gc.enable()


def warm_clients(grants: Iterable[Grant]) -> None:
    """Make the clients that every request needs; the others are made when they are first used."""
    resources = {grant.resource for grant in grants}
    if Resource.TABLE in resources:
        client("dynamodb")


def warm_models(*models: Any) -> None:
    """Build the validators of the models that requests and answers have."""
    for model in models:
        if isinstance(model, type) and issubclass(model, BaseModel) and not issubclass(model, Patch):
            model.model_rebuild()
