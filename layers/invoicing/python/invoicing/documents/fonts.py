"""The fonts of all letters, as their packages bring them. A file has in it just the glyphs that it shows."""

from functools import cache
from importlib.util import find_spec
from typing import Final

import typst

_PACKAGES: Final = (
    "fontpkg_ibm_plex_sans",
    "fontpkg_ibm_plex_sans_arabic",
    "fontpkg_heebo",
    "rinoh_typeface_notosanscjk",
)


@cache
def fonts() -> typst.Fonts:
    """Ours and Typst's own, and none of the machine: a file looks the same wherever it is made."""
    return typst.Fonts(include_system_fonts=False, font_paths=[_folder(package) for package in _PACKAGES])


def _folder(package: str) -> str:
    # The packages are looked up, not imported: one of them would load a typesetter of its own.
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"The fonts of {package} are not installed.")
    return found.submodule_search_locations[0]
