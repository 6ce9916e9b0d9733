"""How moto writes the attributes of an item into its answer: as they are.

For each attribute it would try the names of all ten types in two spellings, a third of the time of a request.
"""

from functools import cache
from typing import Any

from moto.core import serialize

_AS_IT_IS = {"S", "N", "BOOL", "NULL"}


@cache
def write_attributes_as_they_are() -> None:
    """Have moto do so in this process."""
    json_serializer: Any = next(
        one for one in vars(serialize).values() if getattr(one, "__name__", "") == "BaseJSONSerializer"
    )
    whole = json_serializer._serialize_type_structure

    def serialize_type_structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and type(value) is dict and value.keys() <= _AS_IT_IS:
            self._default_serialize(serialized, value, shape, key)
        else:
            whole(self, serialized, value, shape, key)

    json_serializer._serialize_type_structure = serialize_type_structure
