"""The environment variables that every function has."""

from collections.abc import Mapping

ALWAYS: Mapping[str, str] = {
    # The search for plugins reads the metadata of every package at each start.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
