"""The fonts of all letters, from their packages. A file contains only the glyphs that it shows."""

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
    """Our fonts and those of Typst, none of the machine: a file looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[_folder(package) for package in _PACKAGES])


def _folder(package: str) -> str:
    # The packages are located, not imported: one of them would load its own typesetter.
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"The fonts of {package} are not installed.")
    return found.submodule_search_locations[0]
