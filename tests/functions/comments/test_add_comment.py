"""POST /invoices/{invoice_id}/comments: A01, A07-A13, B09, C04-C18."""

import unicodedata
from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from tests.aws import AwsCalls
from tests.builders import NOON, invoice_json
from tests.gateway import Client


@pytest.fixture
def path(api: Client) -> str:
    """The path of the comments of a draft."""
    return f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}/comments"


def test_a_comment_is_an_entry_by_the_caller(api: Client, path: str) -> None:
    answer = api.post(path, {"comment": "  Bitte prüfen  "})
    entry = answer.ok(201)
    assert api.user
    assert (entry["type"], entry["action_key"], entry["comment"]) == ("commented", "COMMENT", "Bitte prüfen")
    assert (entry["public"], entry["pinned"], entry["user"]["id"]) == (False, False, api.user.id)
    assert (entry["user"]["full_name"], entry["user"]["initials"]) == ("Ada Admin", "AA")
    assert answer.headers["Location"] == f"/v1{path}/{entry['id']}"


def test_it_takes_one_round_trip(api: Client, path: str, aws: AwsCalls) -> None:
    with aws.only("add_comment") as calls:
        api.post(path, {"comment": "x"}).ok(201)
    assert calls.names == {"dynamodb:TransactWriteItems": 1}


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "VALIDATION_ERROR", "/comment"),
        ({"comment": ""}, "VALIDATION_ERROR", "/comment"),
        ({"comment": "  \u0000 "}, "VALIDATION_ERROR", "/comment"),
        ({"comment": 7}, "INVALID_TYPE", "/comment"),
        ({"comment": None}, "INVALID_TYPE", "/comment"),
        ({"comment": "x" * 1_501}, "VALIDATION_ERROR", "/comment"),
        ({"comment": "x", "user": "usr_1"}, "VALIDATION_ERROR", "/user"),
        ({"comment": "x", "public": "yes"}, "INVALID_TYPE", "/public"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(
    api: Client, path: str, body: dict[str, object], code: str, pointer: str
) -> None:
    answer = api.post(path, body)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (400, code, pointer)


@pytest.mark.parametrize(
    "character",
    ["a", "é", "e\u0301", "\u05e9", "\u200f", "\u200b", "👩", "\U0001f1e9", "<", "&", '"', "\\"],
    ids=ascii,
)
def test_a_comment_has_at_most_1500_characters(api: Client, path: str, character: str) -> None:
    """C04, C10: code points after NFC and trimming, of any kind."""
    text = unicodedata.normalize("NFC", f"x{character * 1_498}x")
    assert api.post(path, {"comment": f" \n{text}\t "}).ok(201)["comment"] == text
    answer = api.post(path, {"comment": f"{text}x"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/comment")


def test_a_family_emoji_stays_whole_and_counts_each_code_point(api: Client, path: str) -> None:
    family = "👩\u200d👩\u200d👧\u200d👦"
    assert api.post(path, {"comment": family * 214}).ok(201)["comment"] == family * 214
    assert api.post(path, {"comment": family * 215}).status == 400


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\x00b\x07", "a b"), ("\u200f\u05e9\u05dc", "\u200f\u05e9\u05dc"), ("a\u200bb", "a\u200bb"), ("a\r\nb", "a\nb")],
    ids=ascii,
)
def test_control_characters_become_spaces_and_joiners_stay(api: Client, path: str, text: str, kept: str) -> None:
    assert api.post(path, {"comment": text}).ok(201)["comment"] == kept


def test_a_lone_surrogate_is_refused(api: Client, path: str) -> None:
    assert api.post(path, raw=rb'{"comment": "\ud800"}').status == 400


def test_a_missing_invoice_gets_no_comment(api: Client, stranger: Client, path: str) -> None:
    missing = api.post(f"/invoices/{new_id('inv', NOON)}/comments", {"comment": "x"})
    foreign = stranger.post(path, {"comment": "x"})
    assert {(one.status, one.code) for one in (missing, foreign)} == {(404, "INVOICE_NOT_FOUND")}


def test_a_member_comments_on_own_invoices_with_one_more_read(
    sign_in: Callable[..., Client], path: str, aws: AwsCalls
) -> None:
    member = sign_in(Role.MEMBER)
    assert member.post(path, {"comment": "x"}).code == "ACCESS_DENIED"
    own = member.post("/invoices", invoice_json()).ok(201)
    with aws.only("add_comment") as calls:
        member.post(f"/invoices/{own['id']}/comments", {"comment": "x"}).ok(201)
    assert calls.names == {"dynamodb:GetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_if_match_compares_the_version_of_the_invoice(api: Client, path: str) -> None:
    assert api.post(path, {"comment": "x"}, headers={"If-Match": '"1"'}).status == 201
    answer = api.post(path, {"comment": "x"}, headers={"If-Match": '"2"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'"x"', b"\xff", b'{"comment": "\xff"}', b'{"comment": "a", "comment": "b"}', b'{"comment": NaN}',
     b'{"comment": "\\ud800"}', b"[" * 100, b'{"comment": ' + b"1" * 5_000 + b"}", b'"' * 5_001],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(api: Client, path: str, raw: bytes) -> None:
    answer = api("POST", path, raw=raw)
    assert (answer.status, answer.code) in {(400, "VALIDATION_ERROR"), (400, "INVALID_TYPE")}


def test_a_body_over_a_megabyte_is_refused(api: Client, path: str) -> None:
    answer = api("POST", path, raw=b'{"comment": "' + b"x" * 1_000_000 + b'"}')
    assert (answer.status, answer.code) == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_the_length_of_an_idempotency_key_is_limited(api: Client, path: str, key: str) -> None:
    answer = api.post(path, {"comment": "x"}, headers={"Idempotency-Key": key})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "Idempotency-Key")
