"""`llms.txt` (llmstxt.org): the API for language models, in one short Markdown file made of the OpenAPI document."""

from urllib.parse import quote

from infra import openapi
from infra.openapi_schemas import Schema

DOCUMENTS = {
    "openapi.json": "OpenAPI 3.1 document: each operation with its fields, examples and errors",
    "events.json": "JSON Schemas of the events on the bus, and of the events that the service accepts",
    "errors": "each error code, how to solve it, and the operations that can return it",
    "docs": "reference for people, with a search",
    "collection.json": "Postman collection",
}


def text() -> str:
    """The file. Its links are relative to the folder that has the document."""
    document = openapi.document()
    summary, _, rules = document["info"]["description"].partition("\n")
    return "\n".join(
        [
            f"# {document['info']['title']}",
            "",
            f"> {summary}",
            "",
            f"Paths begin with `{document['servers'][0]['url']}`. The rules of all operations:",
            rules,
            "## Documentation",
            "",
            *(f"- [{name}]({name}): {described}" for name, described in DOCUMENTS.items()),
            *(line for tag in document["tags"] for line in _section(tag, document)),
            "",
        ]
    )


def _section(tag: Schema, document: Schema) -> list[str]:
    """The operations of one tag."""
    lines = ["", f"## {tag['name'].capitalize()}", "", tag["description"], ""]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag["name"] in operation["tags"]:
                link = f"docs#/{quote(tag['name'])}/{operation['operationId']}"
                lines.append(f"- [{operation['summary']}]({link}): `{method.upper()} {path}`, {_scope(operation)}")
    return lines


def _scope(operation: Schema) -> str:
    scopes = [scope for requirement in operation["security"] for scopes in requirement.values() for scope in scopes]
    return f"scope `{scopes[0]}`" if scopes else "no credentials"
