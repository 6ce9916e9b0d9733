"""The design of documents: the part of a form that an issued document keeps."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from invoicing.core.ids import FormId
from invoicing.core.model import ENTERED, Language, PrintedText, ShortText, Value
from invoicing.core.stored_file import Logo

Column = Literal["position", "quantity", "unit_price", "tax"]
"""Column of the lines that can be hidden: `position`, `quantity` (with its unit), `unit_price` or `tax`."""
FormDocument = Literal["invoice", "deposit", "final", "self_billed", "credit_note", "cancellation"]
"""Type of documents: `invoice`, `credit_note` or `cancellation`, or an invoice that is a `deposit`, `final` (it deducts
deposits) or `self_billed`."""
OF_INVOICES: Final = frozenset({"deposit", "final", "self_billed"})
"""The types of invoices that have the standard texts of invoices, where they have none of their own."""
STANDARD_TEXTS: Final = ("introduction", "note", "closing")
"""The fields of a document for which a form can have a standard text."""
LEAST_CONTRAST: Final = 4.5
"""The contrast of text that WCAG 2.2 requires at level AA (1.4.3)."""
MOST_FOOTER_BREAKS: Final = 5
"""Line breaks of a footer, which takes its room from each page."""
_BACKGROUND: Final = "#f5f6f8"
"""The darkest background of colored text: the payment box."""


def contrast(one: str, other: str) -> float:
    """The contrast of two colors (`#rrggbb`) as WCAG 2.2 defines it, from 1 (none) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(color: str, info: ValidationInfo) -> str:
    # Rows can have colors of newer code.
    if info.context is ENTERED and (found := contrast(color, _BACKGROUND)) < LEAST_CONTRAST:
        message = "The contrast to the page is {found}:1, and text requires {least}:1 (WCAG 2.2). Use a darker color"
        raise PydanticCustomError("accent_color", message, {"found": f"{found:.1f}", "least": LEAST_CONTRAST})
    return color


def _few_rows(footer: str, info: ValidationInfo) -> str:
    # Rows can have footers that earlier code accepted.
    if info.context is ENTERED and footer.count("\n") > MOST_FOOTER_BREAKS:
        raise PydanticCustomError(
            "footer", "Input should have at most {most} line breaks", {"most": MOST_FOOTER_BREAKS}
        )
    return footer


class FormText(Value):
    """Standard texts of documents of one type and language. A document's own text takes precedence."""

    type: FormDocument = "invoice"
    """Type of the documents. Deposit, final and self-billed invoices have the texts of `invoice` by default."""
    language: Language
    """Language of the documents. Texts for `de` are used for `de-AT` too, where that has none."""
    introduction: Annotated[PrintedText, Field(max_length=1_000)] | None = None
    """Text above the lines, up to 1,000 characters."""
    note: Annotated[PrintedText, Field(max_length=1_000)] | None = None
    """Text below the lines, up to 1,000 characters."""
    closing: Annotated[PrintedText, Field(max_length=1_000)] | None = None
    """Text at the end of the document, up to 1,000 characters."""


class LetterheadPage(Value):
    """A page of a letterhead, as it is printed beneath documents."""

    id: Annotated[str, Field(examples=["file_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    """Identifier of the file: `file_` followed by a ULID."""
    sha256: str
    """SHA-256 hash of the file, as 64 hexadecimal digits."""
    size: int
    """Size of the file in bytes."""


class FormDesign(Value):
    """The appearance of documents."""

    accent_color: Annotated[
        Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#0a5aa0"]), AfterValidator(_readable)] | None,
        Field(description="Color of titles and rules, as `#rrggbb`, with enough contrast for text."),
    ] = None
    """Color of titles and rules, as `#rrggbb`; null for black.

    Its contrast to the page is at least 4.5:1, which text requires (WCAG 2.2, 1.4.3).
    """
    columns: Annotated[tuple[Column, ...], Field(max_length=4)] = ("position", "quantity", "unit_price", "tax")
    """Columns of the lines beside description and amount.

    A hidden column is printed where the document would be incomplete without it: quantities other than one piece, unit
    prices other than the amount, and different tax rates (article 226 of Directive 2006/112/EC).
    """
    footer: Annotated[PrintedText, Field(max_length=300), AfterValidator(_few_rows)] | None = None
    """Text at the foot of each page, up to 300 characters and five line breaks."""
    show_company: bool = True
    """Whether the pages show the company's logo or name, and its data at the foot.

    False is for a letterhead that has them; the tax numbers are then printed beside the address.
    """


class IssuedForm(FormDesign):
    """The form of a document as it was when the document was issued. Later changes of the form do not change it."""

    id: FormId
    """Identifier of the form, `form_` followed by a ULID."""
    name: ShortText
    """Name of the form."""
    logo: Logo | None = None
    """Logo of the form; null for the one of the tenant."""
    letterhead: tuple[LetterheadPage, ...] = ()
    """Pages beneath the document: the first one beneath its first page, the last one beneath the others."""
    texts: tuple[FormText, ...] = ()
    """Standard texts in the document's language, by type."""

    def completed(self, type_: str, texts: dict[str, str | None]) -> dict[str, str | None]:
        """The texts of a document of a type, with the standard texts in place of those that it leaves open."""
        return {name: self._standard(type_, name) if text is None else text for name, text in texts.items()}

    def own_texts(self, type_: str, texts: dict[str, str | None]) -> dict[str, str | None]:
        """The texts of an issued document that are not the form's, so that its copy gets those of its own form."""
        return {name: None if text == self._standard(type_, name) else text for name, text in texts.items()}

    def _standard(self, type_: str, name: str) -> str | None:
        types = (type_, "invoice") if type_ in OF_INVOICES else (type_,)
        found = (getattr(one, name) for wanted in types for one in self.texts if one.type == wanted)
        return next((text for text in found if text is not None), None)
