"""The form of values in requests, responses and the store: frozen, strict, and exact."""

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class Model(BaseModel):
    """Data that is validated. Its errors never quote the input: they are logged, and inputs contain personal data."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Value(Model):
    """A value of the business: never changed, only replaced; unknown fields and lax types are refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)

    @property
    def forgets(self) -> bool:
        """Whether its data was removed on request. Unknown fields of newer code are not kept then."""
        return False

    @property
    def about_customer(self) -> str | None:
        """The customer whose personal data it contains, if there is one."""
        return getattr(self, "customer_id", None) if "customer_name" in type(self).model_fields else None


def values_of(source: object, names: Iterable[str]) -> dict[str, Any]:
    """The values of fields of a source, by name: those of a group, or all that a model has (`model_fields`)."""
    return {name: getattr(source, name) for name in names}


def copied[M: BaseModel](model: type[M], source: object) -> M:
    """A value of a model, with the fields that the source has under the same names."""
    return model(**values_of(source, model.model_fields))


class Shared:
    """The annotations of a type that many fields have. Their core schema is generated once per worker, not per field.

    A document has a hundred amounts, dates and texts, so this is a twentieth of a function's start.
    """

    def __init__(self, *annotations: object) -> None:
        self._annotations = annotations
        self._schemas: dict[object, CoreSchema] = {}

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        if source not in self._schemas:
            self._schemas[source] = handler.generate_schema(Annotated[source, *self._annotations])
        # pydantic adds a field's JSON schema settings to the lists in `metadata`.
        schema = self._schemas[source]
        metadata = {name: copy(value) for name, value in schema.get("metadata", {}).items()}
        return cast("CoreSchema", {**schema, "metadata": metadata})

    def __get_pydantic_json_schema__(self, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        # Bounds that a field adds to a decimal: JSON Schema has no keyword for those of a string.
        return {name: value for name, value in handler(schema).items() if name not in {"ge", "gt", "le", "lt"}}


class Secret:
    """Marks a field whose value is shown once: it is not stored, and stored responses have null instead."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        return {"anyOf": [handler(schema), {"type": "null"}]}


class Internal:
    """Marks an internal field of the tenant, which its customers never see in any object."""


def without_internals[V: BaseModel](thing: V) -> V:
    """An object as the tenant's customers see it: internal fields have their default."""
    changes: dict[str, Any] = {}
    for name, field in type(thing).model_fields.items():
        if Internal in field.metadata:
            changes[name] = None if field.is_required() else field.get_default(call_default_factory=True)
        else:
            changes[name] = _without_internals(getattr(thing, name))
    return thing.model_copy(update=changes)


def _without_internals(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return without_internals(value)
    if isinstance(value, tuple):
        return tuple(_without_internals(inner) for inner in value)
    if isinstance(value, dict):
        return {name: _without_internals(inner) for name, inner in value.items()}
    return value


@cache
def secret_fields(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model that are shown once."""
    return frozenset(name for name, field in model.model_fields.items() if Secret in field.metadata)


def decimal_of(pattern: str, *, integers: bool) -> BeforeValidator:
    """Exact decimals from strings; JSON numbers are refused (`100` may mean cents elsewhere), integers on request."""
    form = re.compile(pattern)

    def parse(value: Any) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if integers and type(value) is int:
            value = str(value)
        if not isinstance(value, str):
            raise PydanticCustomError("decimal_type", "Input should be a decimal string")
        if not form.fullmatch(value):
            raise PydanticCustomError(
                "decimal_form", "Input should be a decimal string such as 119.00, with a point and no exponent"
            )
        return Decimal(value)

    return BeforeValidator(parse)


# A document has a hundred of them, so pydantic calls `Decimal` without Python code in between.
decimal_text: Callable[[Decimal], str] = methodcaller("__format__", "f")
"""A decimal as the contract writes it: never with an exponent."""

_text = PlainSerializer(decimal_text, return_type=str)
_AMOUNT = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,4})?"
_FINE = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?"
_PERCENT = r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?"

Amount = Annotated[
    Decimal,
    Shared(
        decimal_of(_AMOUNT, integers=False),
        _text,
        WithJsonSchema({"type": "string", "pattern": f"^{_AMOUNT}$", "examples": ["119.00"]}),
    ),
]
"""Decimal string in the major unit of the currency, such as `119.00`. Requests use exactly the number of decimals that
ISO 4217 gives the currency."""

UnitPrice = Annotated[
    Decimal,
    Shared(
        decimal_of(_FINE, integers=False),
        Field(ge=0),
        _text,
        WithJsonSchema({"type": "string", "pattern": f"^{_FINE}$", "examples": ["9.99"]}),
    ),
]
"""Decimal string with up to 10 decimals, zero or more (EN 16931 BR-27)."""


def _decimal_or_integer(pattern: str, example: str) -> Shared:
    """The annotations of a decimal that requests can state as an integer too."""
    text = {"type": "string", "pattern": f"^{pattern}$"}
    return Shared(
        decimal_of(pattern, integers=True),
        _text,
        WithJsonSchema({"anyOf": [text, {"type": "integer"}], "examples": [example]}, mode="validation"),
        WithJsonSchema({**text, "examples": [example]}, mode="serialization"),
    )


Quantity = Annotated[Decimal, _decimal_or_integer(_FINE, "1.5")]
"""Decimal string with up to 10 decimals. Requests can use an integer too."""

Percent = Annotated[Decimal, _decimal_or_integer(_PERCENT, "19")]
"""Percentage as a decimal string with up to 4 decimals, such as `19` or `7.7`. Requests can use an integer too."""
ENTERED: Final = {"entered": True}
"""The validation context of requests. Rows and computed values have none: they may be outside the bounds."""
STATED: Final = "a stated line"
FROM_A_PRICE: Final = "a line of a price"
ALTERNATIVES: Final = frozenset({STATED, FROM_A_PRICE})
"""The names of alternatives in unions of models. Pydantic adds them to the place of a mistake; pointers omit them."""
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""The days that clients may send. Terms, periods and time zones added to them stay within Python's calendar."""


def _bounded(day: date, info: ValidationInfo) -> date:
    if info.context is ENTERED and not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("day_range", "Input should be a date from 1900-01-01 to 2200-12-31")
    return day


def days_after(day: date, days: int) -> date:
    """The date a number of days later; at most the last date of the calendar, for rows from before the bounds."""
    return day + timedelta(days=min(days, (date.max - day).days))


def _instant(value: datetime, info: ValidationInfo) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("instant_zone", "Input should be an RFC 3339 instant with its offset")
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        instant = None
    if instant is None or (info.context is ENTERED and not FIRST_DAY <= instant.date() <= LAST_DAY):
        raise PydanticCustomError("instant_range", "Input should be an instant from 1900 to 2200, in UTC")
    return instant


def instant_text(value: datetime) -> str:
    """An instant as the contract writes it: RFC 3339, UTC, milliseconds, `Z`."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_date(at: datetime, time_zone: str) -> date:
    """The calendar date at an instant in this IANA time zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()


Instant = Annotated[
    datetime,
    Shared(
        AfterValidator(_instant),
        PlainSerializer(instant_text, return_type=str),
        WithJsonSchema({"type": "string", "format": "date-time"}),
    ),
]
"""RFC 3339 timestamp in UTC. Requests accept the years 1900 to 2200, in any time zone."""
Day = Annotated[
    date,
    Shared(
        AfterValidator(_bounded),
        WithJsonSchema({"type": "string", "format": "date"}),
    ),
]
"""Date (`YYYY-MM-DD`) in the tenant's time zone. Requests accept 1900-01-01 to 2200-12-31."""

# Control characters separate words (a vertical tab is a line break of word processors), so they become a space. The
# byte order mark and the two characters that XML cannot contain are removed: they would prevent an e-invoice.
_UNPRINTED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), " ")
_UNPRINTED |= dict.fromkeys((0xFEFF, 0xFFFE, 0xFFFF), "")


_FEW_MARKS: Final = 1_000
"""The length up to which the time that Python needs to sort combining marks does not matter."""
_MARKS_IN_ONE = {0x0F73: "\u0f71\u0f72", 0x0F75: "\u0f71\u0f74", 0x0F81: "\u0f71\u0f80"}
"""The only characters that are no combining marks and consist of them."""


def normalized(text: str) -> str:
    """Text in NFC, in nearly linear time.

    Python sorts a run of combining marks in quadratic time (CPython issue 149079): a megabyte of them takes minutes.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text if len(text) <= _FEW_MARKS else _with_sorted_marks(text))


def _with_sorted_marks(text: str) -> str:
    """Text with each run of combining marks in canonical order (Unicode, section 3.11)."""
    order = unicodedata.combining
    runs = groupby(text.translate(_MARKS_IN_ONE), key=lambda character: order(character) > 0)
    return "".join("".join(sorted(run, key=order) if marks else run) for marks, run in runs)


def clean(text: str) -> str:
    """Text as it is stored: NFC, only characters of XML, spaces for control characters, LF for line ends, trimmed."""
    # Most text needs no normalization and no removal.
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalized(lines).translate(_UNPRINTED).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())


_clean = AfterValidator(clean)

ShortText = Annotated[str, Shared(_clean, AfterValidator(_one_line), Field(min_length=1, max_length=200))]
"""One line of 1 to 200 characters."""
LongName = Annotated[str, Shared(_clean, AfterValidator(_one_line), Field(min_length=1, max_length=500))]
"""One line of 1 to 500 characters."""
LONGEST_TEXT: Final = 5_000
LongText = Annotated[str, Shared(_clean, Field(max_length=LONGEST_TEXT))]
"""Up to 5,000 characters in one or more lines."""
MOST_LINE_BREAKS: Final = 200
"""In one text of a document: about three pages."""


def _few_line_breaks(text: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and text.count("\n") > MOST_LINE_BREAKS:
        raise PydanticCustomError("line_breaks", f"Input should have at most {MOST_LINE_BREAKS} line breaks")
    return text


PrintedText = Annotated[str, Shared(_clean, Field(max_length=LONGEST_TEXT), AfterValidator(_few_line_breaks))]
"""Up to 5,000 characters in one or more lines. Requests accept at most 200 line breaks."""
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", examples=["A-4711"])]
"""1 to 64 letters, digits and `. _ / -`, starting with a letter or digit."""
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]
"""Three-letter currency code of ISO 4217."""
UnitCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$", examples=["C62"])]
"""Code of UN/ECE Recommendation 20, such as `C62` (one), `HUR` (hour) or `KGM` (kilogram)."""
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])]
"""Two-letter country code of ISO 3166-1."""
_TEXTS = Path(__file__).parents[1] / "documents/texts"
# Most functions validate a language and print nothing, so the modules are listed here and not imported.
LANGUAGES: Final = tuple(sorted(path.stem for path in _TEXTS.iterdir() if path.suffix == ".py" and len(path.stem) == 2))
"""The languages that documents and mails are written in (ISO 639-1): one for each such module of `documents/texts`."""


def _offered(tag: str, info: ValidationInfo) -> str:
    if info.context is ENTERED and tag[:2] not in LANGUAGES:
        known = f"{', '.join(LANGUAGES[:-1])} or {LANGUAGES[-1]}"
        raise PydanticCustomError("language", f"Input should be {known}, with or without a country (de-AT)")
    return tag


Language = Annotated[
    str,
    Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$"),
    AfterValidator(_offered),
    WithJsonSchema(
        {"type": "string", "pattern": f"^({'|'.join(LANGUAGES)})(-[A-Z]{{2}})?$", "examples": ["de"]},
        mode="validation",
    ),
    WithJsonSchema({"type": "string", "examples": ["de"]}, mode="serialization"),
]
"""Language tag such as `de` or `de-AT`. Requests accept a language of documents, with or without a country."""
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, _clean, Field(max_length=500)]],
    Field(max_length=50),
]
"""Up to 50 keys of 1 to 40 characters with values of up to 500 characters."""


class Aggregate(Value):
    """A stored object with its own id. `version` is 0 until it is stored, then counts its changes."""

    object: str
    """Name of the object's type."""
    id: str
    """Unique identifier of the object: a prefix that names its type, and a ULID."""
    version: int = 0
    """Number of changes so far, starting at 1. The `ETag` header has the same number."""
    created_at: Instant
    """When the object was created."""
    updated_at: Instant
    """When the object was last changed."""

    def shown(self, today: date) -> Self:  # noqa: ARG002 — for subclasses
        """The resource as of today, with the facts that depend on the date."""
        return self


class Parted(Aggregate):
    """An object stored in two parts: a small head, which lists show, and the content, which most changes do not touch.

    Its summary class has the fields of the head, the whole object also those of the content.
    """

    @classmethod
    @abstractmethod
    def head(cls) -> frozenset[str]:
        """The fields of the head."""

    @classmethod
    def aside(cls) -> frozenset[str]:
        """The fields in neither part: they can change after the issue and are too long for the head."""
        return frozenset()

    @classmethod
    @cache
    def content(cls) -> frozenset[str]:
        """The fields of the content; none if this is only the summary."""
        return frozenset(cls.model_fields) - cls.head() - cls.aside()
