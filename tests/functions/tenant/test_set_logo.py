"""PUT /tenant/logo: the picture at the head of letters."""

import pytest

from functions.tenant import set_logo
from invoicing.aws.files import read
from tests.aws import AwsCalls
from tests.gateway import Client
from tests.logos import base64_of, png
from tests.races import meanwhile
from tests.uploads import keys


def test_a_logo_is_stored_by_hash_and_shown_in_the_tenant(api: Client, aws: AwsCalls) -> None:
    picture = png(300, 100)
    shown = api.put("/tenant/logo", {"image": base64_of(picture)}).ok()["logo"]
    assert (shown["width"], shown["height"], shown["size"]) == (300, 100, len(picture))
    assert read(api.tenant_id, shown["id"], shown["sha256"]) == picture
    assert aws.names["s3:PutObject"] == 1
    assert api.get("/tenant").ok()["logo"] == shown


def test_a_repeated_request_stores_no_logo_again(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    body, key = {"image": base64_of(png())}, {"Idempotency-Key": "k"}
    first = api.put("/tenant/logo", body, headers=key).ok()
    monkeypatch.setattr(set_logo, "printable_logo", lambda *_: pytest.fail("The logo was printed again."))
    again = api.put("/tenant/logo", body, headers=key)
    assert (again.ok(), again.headers["Idempotency-Replayed"]) == (first, "true")
    assert aws.names["s3:PutObject"] == 1


def test_null_removes_the_logo_and_other_changes_keep_it(api: Client) -> None:
    logo = api.put("/tenant/logo", {"image": base64_of(png())}).ok()["logo"]
    assert api.patch("/tenant", {"name": "Nordlicht AG"}).ok()["logo"] == logo
    assert api.put("/tenant/logo", {"image": None}).ok()["logo"] is None


def test_the_logo_cannot_refer_to_another_file(api: Client) -> None:
    logo = api.put("/tenant/logo", {"image": base64_of(png())}).ok()["logo"]
    assert api.patch("/tenant", {"logo": logo}).code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0 a JPEG",
        png()[:24],
        png()[:-30] + b"0" * 30,
        png(2_001, 1),
        png()[:16] + b"\x00" * 8 + png()[24:],
    ],
    ids=["empty", "SVG", "JPEG", "cut off", "broken", "too wide", "without pixels"],
)
def test_an_unprintable_logo_is_refused_and_not_stored(api: Client, aws: AwsCalls, picture: bytes) -> None:
    refused = api.put("/tenant/logo", {"image": base64_of(picture)})
    assert (refused.status, refused.code) == (415, "UNSUPPORTED_FILE_TYPE")
    assert aws.names["s3:PutObject"] == 0


@pytest.mark.parametrize("image", ["not base64!", "A" * 400_004, 7])
def test_invalid_base64_or_size_is_refused_with_a_pointer(api: Client, image: object) -> None:
    refused = api.put("/tenant/logo", {"image": image})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/image")


def test_a_lost_race_leaves_one_logo(api: Client) -> None:
    with meanwhile(lambda: api.patch("/tenant", {"name": "Nordlicht AG"}).ok()):
        shown = api.put("/tenant/logo", {"image": base64_of(png())}).ok()
    assert shown["name"] == "Nordlicht AG"
    assert [key.split("/")[1] for key in keys(api.tenant_id)] == [shown["logo"]["id"]]


def test_a_refused_change_leaves_no_logo(api: Client) -> None:
    with meanwhile(lambda: api.patch("/tenant", {"name": "Nordlicht AG"}).ok()):
        answer = api.put("/tenant/logo", {"image": base64_of(png())}, headers={"If-Match": '"1"'})
    assert answer.code == "VERSION_MISMATCH"
    assert keys(api.tenant_id) == []
