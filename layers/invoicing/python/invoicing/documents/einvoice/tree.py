"""XML as nested calls. Empty elements are left out: no e-invoice format allows them."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Node(NamedTuple):
    """An element: its name with the prefix, its attributes, and either a text or other elements."""

    name: str
    attributes: dict[str, str]
    text: str | None
    children: "list[Node]"


type NodeContent = Node | str | Decimal | Iterable["Node | None"] | None


def node(name: str, /, *content: NodeContent, **attributes: str) -> Node | None:
    """An element with a text or with other elements; None if there is neither."""
    text: str | None = None
    children: list[Node] = []
    for part in content:
        if part is None:
            continue
        if isinstance(part, Node):
            children.append(part)
        elif isinstance(part, Decimal):
            text = format(part, "f")
        elif isinstance(part, str):
            cleaned = _NOT_XML.sub("", part)
            text = cleaned if cleaned.strip() else None
        else:
            children.extend(child for child in part if child is not None)
    attributes = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    return Node(name, attributes, text, children) if text is not None or children else None


def serialized(root: Node, namespaces: Mapping[str | None, str]) -> bytes:
    """A file of a tree."""
    tags: dict[str, str] = {}

    def tag(name: str) -> str:
        if name not in tags:
            prefix, _, local = name.rpartition(":")
            tags[name] = f"{{{namespaces[prefix or None]}}}{local}"
        return tags[name]

    def fill(element: etree._Element, given: Node) -> None:
        element.text = given.text
        for child in given.children:
            fill(etree.SubElement(element, tag(child.name), child.attributes), child)

    top = etree.Element(tag(root.name), root.attributes, nsmap=dict(namespaces))
    fill(top, root)
    return etree.tostring(top, encoding="UTF-8", xml_declaration=True)
