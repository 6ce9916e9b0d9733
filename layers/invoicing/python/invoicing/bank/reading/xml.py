"""XML of others, element by element: no document type, no entity, no network, and no deep nesting."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from xml.parsers import expat

from invoicing.bank.reading.statement import NotReadable

DEEPEST = 64


class Element:
    """An element with its children, by local names: banks use many namespaces for the same elements."""

    __slots__ = ("attributes", "children", "line", "name", "pieces")

    def __init__(self, name: str, line: int, attributes: dict[str, str]) -> None:
        self.name = name
        self.line = line
        self.attributes = attributes
        self.children: list[Element] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        """The text of the element itself."""
        return "".join(self.pieces).strip()

    @property
    def place(self) -> str:
        """The place in the file."""
        return f"line {self.line}, {self.name}"

    def all(self, name: str) -> Iterator["Element"]:
        """The children with a name."""
        return (child for child in self.children if child.name == name)

    def find(self, *path: str) -> "Element | None":
        """The first element at a path."""
        found: Element | None = self
        for name in path:
            found = next(found.all(name), None) if found is not None else None
        return found

    def value(self, *path: str) -> str | None:
        """The text of the first element at a path; None without one."""
        found = self.find(*path)
        return (found.text or None) if found is not None else None


class _NameFound(Exception):
    """The name of a message was read."""


def name_of(content: bytes) -> str | None:
    """The name of a message: of the first element in the root; None if it cannot be read so far."""
    found: list[str] = []

    def begin(element: Element, around: list[Element]) -> None:
        if around:
            found.append(element.name)
            raise _NameFound

    with suppress(_NameFound, NotReadable):
        parse(content, begin, lambda _: False)
    return found[0] if found else None


def parse(content: bytes, begun: Callable[[Element, list[Element]], None], taken: Callable[[Element], bool]) -> None:
    """Read a file. `begun` gets each element with those around it; one that is `taken` at its end is not kept.

    Raises `NotReadable` with the line.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    around: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(around) >= DEEPEST:
            raise NotReadable(f"line {parser.CurrentLineNumber}", f"elements are nested more than {DEEPEST} deep")
        element = Element(name.rpartition(" ")[2], parser.CurrentLineNumber, attributes)
        begun(element, around)
        around.append(element)

    def end(_: str) -> None:
        element = around.pop()
        if not taken(element) and around:
            around[-1].children.append(element)

    def characters(text: str) -> None:
        if around:
            around[-1].pieces.append(text)

    def refuse(*_: object) -> None:
        raise NotReadable(f"line {parser.CurrentLineNumber}", "a document type is not allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise NotReadable(
            f"line {error.lineno}", f"the XML is not well-formed: {expat.ErrorString(error.code)}"
        ) from None
    except (ValueError, LookupError):
        # An encoding that Python does not know.
        raise NotReadable("line 1", "the encoding of the XML is unknown") from None
