"""Document forms: named designs of a tenant's documents."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.model import ENTERED, Aggregate, Internal, ShortText, copied, values_of
from invoicing.core.stored_file import Logo
from invoicing.document_forms.design import FormDesign, FormText, IssuedForm, LetterheadPage


class DocumentFormData(FormDesign):
    """The fields of a document form that can be created and changed."""

    name: Annotated[ShortText, Field(examples=["Bremen branch"])]
    """Name of the form, unique among the tenant's forms."""
    texts: Annotated[tuple[FormText, ...], Field(max_length=20)] = ()
    """Standard texts by type and language of the documents, at most 20."""

    @model_validator(mode="after")
    def _states_nothing_twice(self, info: ValidationInfo) -> Self:
        if info.context is not ENTERED:
            return self  # A row of newer code can have values that this code reads as one.
        if len(set(self.columns)) < len(self.columns):
            raise PydanticCustomError("columns", "Each column can be named once")
        if len({(one.type, one.language) for one in self.texts}) < len(self.texts):
            raise PydanticCustomError("texts", "A form has one entry for each type and language")
        return self


class DocumentForm(DocumentFormData, Aggregate):
    """A named design of documents: color, logo or letterhead, columns, footer and standard texts."""

    object: Literal["document_form"] = "document_form"
    logo: Logo | None = None
    """Logo on documents of the form; null for the one of the tenant."""
    letterhead: tuple[LetterheadPage, ...] = ()
    """Pages beneath documents of the form: the first one beneath the first page, the last one beneath the others."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def new(cls, id_: str, data: DocumentFormData, *, moment: Moment) -> Self:
        """A new form, without logo and letterhead."""
        return cls(**dict(data), id=id_, **moment.created)._sound()

    def changed(self, data: DocumentFormData, *, moment: Moment) -> Self:
        """The form after a change. Issued documents do not change."""
        return self.model_copy(update={**dict(data), **moment.updated})._sound()

    def with_logo(self, logo: Logo | None, *, moment: Moment) -> Self:
        """The form with another logo, or with that of the tenant."""
        return self.model_copy(update={"logo": logo, **moment.updated})

    def with_letterhead(self, pages: tuple[LetterheadPage, ...], *, moment: Moment) -> Self:
        """The form with another letterhead, or with none."""
        return self.model_copy(update={"letterhead": pages, **moment.updated})._sound()

    @property
    def data(self) -> DocumentFormData:
        """The fields that can be changed."""
        return copied(DocumentFormData, self)

    @property
    def printed_texts(self) -> Iterator[tuple[str, str]]:
        """Each text that documents show, with the pointer to it."""
        if self.footer:
            yield "/footer", self.footer
        for place, one in enumerate(self.texts):
            for name in ("introduction", "note", "closing"):
                if text := getattr(one, name):
                    yield f"/texts/{place}/{name}", text

    def issued(self, language: str) -> IssuedForm:
        """The copy of the form on a document in a language."""
        texts = {one.type: one for tag in (language.partition("-")[0], language) for one in self._texts_in(tag)}
        return IssuedForm(**{**values_of(self, IssuedForm.model_fields), "texts": tuple(texts.values())})

    def _texts_in(self, tag: str) -> list[FormText]:
        return [one for one in self.texts if one.language == tag]

    def _sound(self) -> Self:
        if not self.show_company and not self.letterhead:
            raise Invalid("Documents without the company's data require a letterhead.", pointer="/show_company")
        return self
