"""The reference of the API for people: Swagger UI over the OpenAPI document, with a search for words."""

from importlib import metadata
from pathlib import Path

# Relative links, so that the page works wherever a stage or a machine serves it.
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Invoicing API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
_START = """\
// Shows the operations whose route, name, texts and parameters contain each of the words.
const search = () => ({ fn: { opsFilter: (tags, phrase) => {
  const words = phrase.toLowerCase().split(/\\s+/).filter(Boolean);
  const text = (tag, found) => {
    const operation = found.get("operation");
    const parameters = (operation.get("parameters") || []).map((one) => one.get("name") || "");
    const parts = ["operationId", "summary", "description"].map((name) => operation.get(name) || "");
    return [tag, found.get("method"), found.get("path"), ...parts, ...parameters].join(" ").toLowerCase();
  };
  return tags
    .map((tag, name) => tag.update("operations", (all) => all.filter((one) => {
      const searched = text(name, one);
      return words.every((word) => searched.includes(word));
    })))
    .filter((tag) => tag.get("operations").size > 0);
} } });

SwaggerUIBundle({
  url: "openapi.json", dom_id: "#page", deepLinking: true, filter: true, docExpansion: "list", plugins: [search],
  tagsSorter: "alpha", defaultModelsExpandDepth: 0, persistAuthorization: true, validatorUrl: null,
});
"""


def page() -> str:
    """The page itself."""
    return _PAGE


def start() -> str:
    """The script that shows the document in the page."""
    return _START


def style() -> str:
    """The styles of Swagger UI."""
    return _asset("swagger-ui.css")


def bundle() -> str:
    """The script of Swagger UI."""
    return _asset("swagger-ui-bundle.js")


def _asset(name: str) -> str:
    """A file of Swagger UI. The package that ships it is not imported: that would want its web framework."""
    folder = "drf_spectacular_sidecar/static/drf_spectacular_sidecar/swagger-ui-dist"
    file = Path(str(metadata.distribution("drf-spectacular-sidecar").locate_file(f"{folder}/{name}")))
    return file.read_text(encoding="utf-8")
