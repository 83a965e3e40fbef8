"""What may be changed by whom, what it sets off, and what two do at once."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from config import policy, rates
from tests import api, letters, person
from tests.api import Program

pytestmark = pytest.mark.spec("RFC 9110 §13.1.1")
NEW_PASSWORD = "Another-Horse8battery"


def mailed(to: str) -> list[str]:
    return [f"{one.subject}\n{one.body}" for one in letters.delivered() if to in one.to]


def code_in(text: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def test_one_reads_and_changes_oneself(own: Program) -> None:
    assert own.person is not None
    before = own.get("/me").json()
    answer = own.patch("/me", {"name": "Ada King", "age": 36})
    assert answer.status_code == 200
    after = answer.json()
    assert (after["name"], after["age"]) == ("Ada King", 36)
    assert after["updatedAt"] > before["updatedAt"]
    assert own.get(f"/{own.person.subject}").json() == own.get("/me").json() == after
    assert own.patch(f"/{own.person.subject}", {"age": None}).json()["age"] is None


def test_a_new_address_is_proven_first(own: Program) -> None:
    assert own.person is not None
    old, new = own.person.email, person.address()
    answer = own.patch("/me", {"email": new, "name": "Not Yet"})
    assert (answer.status_code, api.codes(answer)) == (400, {"emailCode": ["code_required"]})
    assert own.get("/me").json()["email"] == old
    assert own.get("/me").json()["name"] != "Not Yet"
    [text] = mailed(new)
    wrong = own.patch("/me", {"email": new, "emailCode": "AAAAAAAAAAAAAAAA"})
    assert api.codes(wrong) == {"emailCode": ["code_wrong"]}
    other = own.patch("/me", {"email": person.address(), "emailCode": code_in(text)})
    assert api.codes(other) == {"emailCode": ["code_wrong"]}
    done = own.patch("/me", {"email": new, "emailCode": code_in(text)})
    assert done.status_code == 200, done.text
    assert (done.json()["email"], done.json()["emailVerified"]) == (new, True)
    assert any(old in text and new in text for text in mailed(old))


def test_an_address_that_is_taken_tells_nobody(own: Program, service: Program) -> None:
    taken = person.address()
    service.post(api.new_user(email=taken))
    answer = own.patch("/me", {"email": taken.upper()})
    assert api.codes(answer) == {"emailCode": ["code_required"]}
    assert mailed(taken) == mailed(taken.upper()) == []


def test_codes_are_sent_seldom(own: Program) -> None:
    seldom = replace(policy.current().throttle, password_reset=rates.parse("2/h 20/d"))
    with policy.replaced(throttle=seldom):
        answers = [own.patch("/me", {"email": person.address()}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[2].headers["Retry-After"]


def test_the_old_password_is_not_guessed(own: Program) -> None:
    assert own.person is not None
    seldom = replace(policy.current().throttle, reauthentication=rates.parse("2/10m"))
    guess = {"password": NEW_PASSWORD, "currentPassword": "Wrong-Horse7battery"}
    right = guess | {"currentPassword": own.person.password}
    with policy.replaced(throttle=seldom):
        statuses = [own.patch("/me", body).status_code for body in (guess, guess, right)]
    assert statuses == [400, 400, 429]


def test_a_new_password_needs_the_old_one_and_ends_what_it_let_in(own: Program) -> None:
    assert own.person is not None
    for body, codes in [
        ({"password": NEW_PASSWORD}, {"currentPassword": ["required"]}),
        (
            {"password": NEW_PASSWORD, "currentPassword": "Wrong-Horse7battery"},
            {"currentPassword": ["password_wrong"]},
        ),
        (
            {"password": "short", "currentPassword": own.person.password},
            {"password": ["password_too_short"]},
        ),
    ]:
        answer = own.patch("/me", body)
        assert answer.status_code == 400
        found = api.codes(answer)
        assert {name: found[name][:1] for name in found} == codes
    body = {"password": NEW_PASSWORD, "currentPassword": own.person.password}
    answer = own.patch("/me", body)
    assert answer.status_code == 200, answer.text
    assert "password" not in answer.text.lower()
    assert own.get("/me").status_code == 401
    assert api.row(own.person.subject).check_password(NEW_PASSWORD)
    assert any("password" in text for text in mailed(own.person.email))


def test_an_administrator_changes_others(admin: Program, own: Program) -> None:
    assert own.person is not None
    where, new = f"/{own.person.subject}", person.address()
    answer = admin.patch(where, {"email": new, "emailVerified": True, "isAdministrator": True})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["email"], told["emailVerified"], told["isAdministrator"]) == (new, True, True)
    assert any(new in text for text in mailed(own.person.email))
    off = admin.patch(where, {"isActive": False})
    assert (off.status_code, off.json()["isActive"]) == (200, False)
    assert own.get("/me").status_code == 401
    assert admin.patch(where, {"isActive": True}).json()["isActive"] is True
    assert own.get("/me").status_code == 401


def test_an_administrator_disables_but_never_themselves(admin: Program, own: Program) -> None:
    assert own.person is not None
    assert admin.person is not None
    where = f"/{own.person.subject}"
    assert [admin.delete(where).status_code for _ in range(2)] == [204, 204]
    assert admin.get(where).json()["isActive"] is False
    assert own.get("/me").status_code == 401
    mine = f"/{admin.person.subject}"
    refused = [
        admin.delete(mine),
        admin.patch(mine, {"isActive": False}),
        admin.patch(mine, {"isAdministrator": False}),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    assert admin.get("/me").status_code == 200


def test_who_is_not_there(admin: Program) -> None:
    where = "/00000000-0000-4000-8000-000000000000"
    for answer in (admin.get(where), admin.patch(where, {"age": 20}), admin.delete(where)):
        assert answer.status_code == 404
        api.codes(answer)


def test_what_changed_meanwhile_is_not_overwritten(own: Program) -> None:
    tag = own.get("/me").headers["ETag"]
    assert tag
    fits = {"If-Match": tag}
    first = own.patch("/me", {"age": 20}, headers=fits)
    assert first.status_code == 200
    late = own.patch("/me", {"age": 21}, headers=fits)
    assert late.status_code == 412
    api.codes(late)
    listed = f'"other", {first.headers["ETag"]}'
    assert own.patch("/me", {"age": 22}, headers={"If-Match": listed}).status_code == 200
    assert own.patch("/me", {"age": 23}, headers={"If-Match": "*"}).status_code == 200


def at_once(*calls: Any) -> list[int]:
    """Return the statuses of calls that are made at the same time."""
    gate, statuses = threading.Barrier(len(calls)), []

    def run(call: Any) -> None:
        gate.wait()
        statuses.append(call().status_code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_of_two_changes_at_once_one_wins(own: Program) -> None:
    fits = {"If-Match": own.get("/me").headers["ETag"] or ""}
    statuses = at_once(
        *(lambda age=age: own.patch("/me", {"age": age}, headers=fits) for age in range(20, 26))
    )
    assert statuses == [200, 412, 412, 412, 412, 412]


def test_two_changes_of_different_members_both_count(own: Program) -> None:
    changes: list[dict[str, Any]] = [{"age": 44}, {"name": "Both Count"}]
    for _ in range(5):
        assert at_once(*(lambda one=one: own.patch("/me", one) for one in changes)) == [200, 200]
        told = own.get("/me").json()
        assert (told["age"], told["name"]) == (44, "Both Count")
        own.patch("/me", {"age": 20, "name": "Before That"})


def test_of_many_who_take_an_address_at_once_one_gets_it(service: Program) -> None:
    email = person.address()
    spellings = [email, email.upper(), email.title(), email]
    statuses = at_once(
        *(lambda text=text: service.post(api.new_user(email=text)) for text in spellings)
    )
    assert statuses == [201, 400, 400, 400]
