"""The frame of every page: its head, its language, and the forms in it."""

from htpy import Element, Node, body, div, form, head, html, link, meta, title
from htpy import input as input_
from htpy import style as style_sheet
from markupsafe import Markup

from invoicing.core.model import LANGUAGES
from invoicing.core.stored_file import WebPage
from invoicing.documents.texts.wording import Wording
from invoicing.invoice_pages.model import form_token

_ENGLISH = "en"


def page(words: Wording, name: str, content: Node, style: str) -> WebPage:
    """A page with this title, which works without JavaScript."""
    written = html(lang=words.texts.language)[
        head[
            meta(charset="utf-8"),
            meta(name="viewport", content="width=device-width, initial-scale=1"),
            meta(name="robots", content="noindex"),
            link(rel="icon", href="data:,"),  # Browsers ask for no icon then.
            title[name],
            style_sheet[Markup(style)],  # noqa: S704 — our own style, with a color that the form's model has checked
        ],
        body[div(".page")[content]],
    ]
    return WebPage(str(written), style)


def accepted_language(languages: str) -> str:
    """The first of our languages that a browser accepts (`Accept-Language`, RFC 9110), else English."""
    asked = [part.partition(";")[0].strip().lower()[:2] for part in languages.split(",")]
    return next((one for one in asked if one in LANGUAGES), _ENGLISH)


def page_form(action: str, token: str, *fields: Node) -> Element:
    """A form with the token that proves that its page sent it."""
    return form(method="post", action=action)[input_(type="hidden", name="form_token", value=form_token(token)), fields]
