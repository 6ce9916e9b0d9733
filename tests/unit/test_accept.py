import pytest

from invoicing.http.request import preferred

OFFERED = ("application/json", "application/pdf")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/pdf", "application/pdf"),
        ("Application/PDF ; q=0.2", "application/pdf"),
        ("application/*, application/pdf", "application/json"),
        ("application/pdf, */*;q=0.8", "application/pdf"),
        ("application/pdf;q=0.5, application/json;q=0.4", "application/pdf"),
        ("application/json, application/pdf", "application/json"),
        ("application/json;q=0, */*", "application/pdf"),
        ("application/pdf;q=much", "application/json"),
        (",;q=,/", "application/json"),
    ],
)
def test_the_preferred_media_type_is_chosen(accept: str | None, chosen: str) -> None:
    assert preferred(accept, OFFERED) == chosen


def test_an_operation_with_one_media_type_has_no_choice() -> None:
    assert preferred("application/json", ("application/pdf",)) == "application/pdf"
