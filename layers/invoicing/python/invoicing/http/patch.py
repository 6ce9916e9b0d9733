"""JSON Merge Patch (RFC 7396): the changes of a client, and how they are applied."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from invoicing.core.model import ENTERED
from invoicing.http.body import refusal


class Patch[M: BaseModel](RootModel[dict[str, Any]]):
    """Changes to an `M`: given fields replace, null removes, the others stay."""

    model_config = ConfigDict(hide_input_in_errors=True)

    def applied_to(self, current: M) -> M:
        """The value after the patch, validated as a whole. Each mistake has a pointer."""
        merged = _merged(current.model_dump(mode="json"), self.root)
        try:
            return type(current).model_validate_json(json.dumps(merged), context=ENTERED)
        except ValidationError as error:
            raise refusal(error) from None


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged
