"""The descriptions of fields and parameters, read from the source where they are declared.

A description is the string literal after a field. Python drops these strings, so they cost nothing when a function
starts; the document builder reads them with `ast`. The description of a type (`Amount`, `Day`) is the string literal
after its assignment. Its first sentence states the format, the others the accepted values of requests; it is added to
the description of each field of this type.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, override

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

COMMON = {
    "activity_id": "Identifier of the timeline entry, `act_` followed by a ULID.",
    "created_at": "When the object was created.",
    "created_by": "User who created the object; null for objects that the service created.",
    "created_from": "Entries created at this time or later.",
    "created_to": "Entries created at this time or earlier.",
    "credit_note_id": "Identifier of the credit note, `inv_` followed by a ULID.",
    "currency": "Currency of all amounts, as a code of ISO 4217.",
    "custom_attributes": "Named values for the tenant's own purposes; at most 50.",
    "customer_id": "Identifier of the customer, `cus_` followed by a ULID.",
    "discount": "Discount on the sum of the lines.",
    "document_id": "Identifier of the reminder or dunning letter, `ddo_` followed by a ULID.",
    "endpoint_id": "Identifier of the webhook endpoint, `whe_` followed by a ULID.",
    "external_id": "Identifier of the object in another system, unique among the tenant's objects of this type.",
    "file_id": "Identifier of the file, `file_` followed by a ULID.",
    "form_id": "Identifier of the document form, `form_` followed by a ULID.",
    "invoice_id": "Identifier of the document, `inv_` followed by a ULID.",
    "key_id": "Identifier of the API key, `key_` followed by a ULID.",
    "line_id": "Identifier of the line, `lin_` followed by a ULID.",
    "link_id": "Identifier of the download link, `dl_` followed by a ULID.",
    "mail_id": "Identifier of the e-mail.",
    "metadata": "Key-value pairs for the client's own purposes. They are not printed.",
    "method_id": "Identifier of the payment method, `pme_` followed by a ULID.",
    "note_id": "Identifier of the note, `note_` followed by a ULID.",
    "object": "Name of the object's type.",
    "order_id": "Identifier of the order, `ord_` followed by a ULID.",
    "payment_id": "Identifier of the payment, `pay_` followed by a ULID.",
    "price_id": "Identifier of the price, `prc_` followed by a ULID.",
    "price_tax_inclusive": "Whether the prices and discounts include tax.",
    "product_id": "Identifier of the product, `prd_` followed by a ULID.",
    "purchase_order_id": "Number of the customer's purchase order (EN 16931 BT-13).",
    "rule_id": "Identifier of the dunning rule, `dru_` followed by a ULID.",
    "sepa_file_id": "Identifier of the SEPA file, `spf_` followed by a ULID.",
    "sepa_file_link_id": "Identifier of the download link, `dl_` followed by a ULID.",
    "sha256": "SHA-256 hash of the file, as 64 hexadecimal digits.",
    "shipping": "Cost of delivery.",
    "size": "Size of the file in bytes.",
    "tenant_id": "Identifier of the tenant, `ten_` followed by a ULID.",
    "updated_by": "User who last changed the object; null for changes by the service.",
    "updated_since": "Entries changed at this time or later.",
    "user_id": "Identifier of the user, `usr_` followed by a ULID.",
}
"""Fields and parameters that mean the same everywhere, by name; a description beside a field takes precedence."""


class DescribedSchema(GenerateJsonSchema):
    """Pydantic's generator with the descriptions of the fields."""

    @override
    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        fields = schema["cls"].model_fields
        for name, text in described(schema["cls"], in_responses=self.mode == "serialization").items():
            shown = fields[name].alias or name
            if shown in made.get("properties", {}):
                made["properties"][shown]["description"] = text
        return made


class _Module(NamedTuple):
    """The declarations of a module: classes by name, types with their descriptions, and imported names."""

    classes: dict[str, ast.ClassDef]
    types: dict[str, tuple[ast.expr, str | None]]
    imports: dict[str, tuple[str, str]]


def described(model: type[BaseModel], *, in_responses: bool) -> dict[str, str]:
    """The description of each field of a model that has one; `in_answers` omits the sentences about requests."""
    found = {}
    for name in model.model_fields:
        annotation, own = _declared(model, name)
        module, expression = annotation
        form = _of_type(module, expression) if expression is not None else None
        if form is not None and in_responses:
            form = form.partition(". ")[0].removesuffix(".") + "."
        text = _joined(own or COMMON.get(name), form)
        if text is not None:
            found[name] = text
    return found


def parameter(handle: Callable[..., Any], name: str) -> str | None:
    """The description of a function's parameter: that of its name, else that of its type."""
    module = handle.__module__
    tree = _parsed(_source_of(module))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == handle.__name__)
    annotation = next(one.annotation for one in function.args.args if one.arg == name)
    return COMMON.get(name) or (_of_type(module, annotation) if annotation else None)


def _declared(model: type[BaseModel], name: str) -> tuple[tuple[str, ast.expr | None], str | None]:
    """The module of a field's annotation, and the description nearest to the model among its bases."""
    annotation: ast.expr | None = None
    module = model.__module__
    for base in model.__mro__:
        node = _read(base.__module__).classes.get(base.__name__) if issubclass(base, BaseModel) else None
        for field, type_, text in _fields(node) if node else ():
            if field != name:
                continue
            if annotation is None:
                annotation, module = type_, base.__module__
            if text is not None:
                return (module, annotation), text
    return (module, annotation), None


def _joined(text: str | None, form: str | None) -> str | None:
    """Both in a row; the form is left out where the text states it."""
    return text if text and (form is None or form in text) else " ".join(filter(None, (text, form))) or None


def _of_type(module: str, annotation: ast.expr) -> str | None:
    """The description of a type; none where the field sets its own length, which its description states."""
    match annotation:
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return _of_type(module, left)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *details])):
            return None if any(map(_sets_length, details)) else _of_type(module, inner)
        case ast.Name(id=name):
            return _of_name(module, name)
    return None


def _of_name(module: str, name: str) -> str | None:
    read = _read(module)
    if name in read.imports:
        return _of_name(*read.imports[name])
    expression, text = read.types.get(name, (None, None))
    return text or (_of_type(module, expression) if expression is not None else None)


def _sets_length(detail: ast.expr) -> bool:
    return isinstance(detail, ast.Call) and any(keyword.arg == "max_length" for keyword in detail.keywords)


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr, str | None]]:
    for statement, after in pairwise([*node.body, ast.Pass()]):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.annotation, _text(after)


def _text(statement: ast.stmt) -> str | None:
    """The text of a statement that is only a string literal, in one line."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(inspect.cleandoc(text).split())
    return None


@cache
def _read(module: str) -> _Module:
    if not module.startswith(("invoicing.", "functions.")):
        return _Module({}, {}, {})
    body = _parsed(_source_of(module)).body
    types = {
        statement.targets[0].id: (statement.value, _text(after))
        for statement, after in pairwise([*body, ast.Pass()])
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    imports = {
        alias.asname or alias.name: (statement.module, alias.name)
        for statement in body
        if isinstance(statement, ast.ImportFrom) and statement.module
        for alias in statement.names
    }
    return _Module({node.name: node for node in body if isinstance(node, ast.ClassDef)}, types, imports)


def _source_of(module: str) -> Path:
    return Path(inspect.getfile(sys.modules[module]))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
