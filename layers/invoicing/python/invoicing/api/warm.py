"""What a Lambda worker does at init, where it has a whole processor, so that no request waits for it."""

import gc
from typing import Any

from pydantic import BaseModel

from invoicing import config
from invoicing.adapters.aws.connection import amazon
from invoicing.api.patch import Patch


def started(*models: Any) -> None:
    """The end of a worker's init. Builds the validators of the models that requests and answers have.

    What is there then is never looked at again by the garbage collector; what comes after it is. In any other process,
    which declares all functions and answers for none, there is nothing to do.
    """
    if not config.in_lambda():
        return
    for model in models:
        if isinstance(model, type) and issubclass(model, BaseModel) and not issubclass(model, Patch):
            model.model_rebuild()
    if config.aws_endpoint() is None:
        amazon()
    gc.freeze()
    gc.enable()
