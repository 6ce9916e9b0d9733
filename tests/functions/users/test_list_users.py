"""GET /users."""

from tests.conftest import Clock
from tests.gateway import Client


def test_users_are_listed_newest_first_and_filtered(api: Client, stranger: Client, at: Clock) -> None:
    at.now = at.now.replace(minute=1)
    person = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "auditor"}
    made = api.post("/users", person).ok(201)
    assert api.user

    def ids(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"/users?{query}").ok()["data"]]

    assert ids("") == [made["id"], api.user.id]
    assert ids("role=auditor") == ids("email=bo@nordlicht.example") == ids("limit=1") == [made["id"]]
