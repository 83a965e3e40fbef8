"""OIDC Front-Channel Logout §3 — the page a browser leaves by frames those who took part."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import people
from authserver import clients, models, registrar
from tests.browser import Page
from tests.doors import Response
from tests.parties import Enrol
from tests.person import Person
from tests.rp import RelyingParty

pytestmark = pytest.mark.spec("OIDC Front-Channel Logout §3")

BACK = "https://app.example/bye"
ONE, TWO = "https://one.example", "https://two.example:8443"


class _Frames(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.found.append(dict(attrs))


def frames(answer: Response) -> list[str]:
    """Return the addresses of the hidden frames of a page."""
    found = _Frames(answer.text).found
    assert all("hidden" in one and one["title"] for one in found)
    return [str(one["src"]) for one in found]


def frame_src(answer: Response) -> list[str]:
    """Return what the page's policy lets it frame."""
    rules = dict(
        rule.strip().split(" ", 1)
        for rule in (answer.headers["Content-Security-Policy"] or "").split(";")
    )
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    return rules.get("frame-src", "").split()


def framed(enrol: Enrol, origin: str, **metadata: Any) -> RelyingParty:
    return enrol(
        **{
            "redirect_uris": [f"{origin}/cb"],
            "frontchannel_logout_uri": f"{origin}/front",
            "post_logout_redirect_uris": [BACK],
            **metadata,
        }
    )


def test_every_client_of_the_session_gets_a_frame_and_no_other(
    enrol: Enrol, somebody_else: Person
) -> None:
    one, two = framed(enrol, ONE), framed(enrol, TWO)
    elsewhere = framed(enrol, "https://elsewhere.example")
    elsewhere.tokens(somebody_else)
    framed(enrol, "https://never.example")
    plain = enrol()
    plain.tokens()
    claims = [rp.claims(rp.tokens()["id_token"]) for rp in (one, two)]
    answer = one.end_session(
        id_token_hint=one.tokens()["id_token"], post_logout_redirect_uri=BACK, state="s"
    )
    assert answer.status_code == 200
    assert [url.partition("?")[0] for url in frames(answer)] == [f"{ONE}/front", f"{TWO}/front"]
    for url, said in zip(frames(answer), claims, strict=True):
        assert parse_qs(urlsplit(url).query) == {"iss": [said["iss"]], "sid": [said["sid"]]}
    assert frame_src(answer) == [ONE, TWO]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in (answer.headers["Cache-Control"] or "")
    page = Page(answer)
    assert page.inline == []
    assert f"{BACK}?state=s" in page.links.values()
    assert not one.ask(prompt="none").parameters.get("code"), "and the person is signed out"


def test_without_such_clients_the_browser_goes_on_at_once(enrol: Enrol) -> None:
    rp = enrol(post_logout_redirect_uris=[BACK])
    answer = rp.end_session(id_token_hint=rp.tokens()["id_token"], post_logout_redirect_uri=BACK)
    assert (answer.status_code, answer.location) == (303, BACK)
    assert frame_src(answer) == []


def test_a_query_that_was_registered_is_kept(enrol: Enrol) -> None:
    rp = framed(enrol, ONE, frontchannel_logout_uri=f"{ONE}/front?app=a%20b")
    answer = rp.end_session(id_token_hint=rp.tokens()["id_token"])
    (url,) = frames(answer)
    assert url.startswith(f"{ONE}/front?app=a%20b&iss=")


def test_a_pairwise_client_reads_its_own_sid(enrol: Enrol) -> None:
    rp = framed(enrol, ONE, subject_type="pairwise")
    token = rp.tokens()["id_token"]
    (url,) = frames(rp.end_session(id_token_hint=token))
    assert parse_qs(urlsplit(url).query)["sid"] == [rp.claims(token)["sid"]]


@pytest.mark.parametrize("required", [True, False])
def test_the_session_is_named_whether_or_not_that_is_required(enrol: Enrol, required: bool) -> None:
    rp = framed(enrol, ONE, frontchannel_logout_session_required=required)
    (url,) = frames(rp.end_session(id_token_hint=rp.tokens()["id_token"]))
    assert set(parse_qs(urlsplit(url).query)) == {"iss", "sid"}


def test_the_request_names_no_frame(enrol: Enrol) -> None:
    rp = framed(enrol, ONE)
    answer = rp.end_session(
        id_token_hint=rp.tokens()["id_token"],
        frontchannel_logout_uri="https://evil.example/",
        sid="x",
        iss="https://evil.example",
    )
    assert "evil" not in answer.text
    assert frame_src(answer) == [ONE]


@pytest.mark.parametrize("fate", ["removed", "silent", "broken"])
def test_a_client_that_is_gone_gets_none(enrol: Enrol, fate: str) -> None:
    rp, other = framed(enrol, ONE), framed(enrol, TWO)
    rp.tokens()
    hint = other.tokens()["id_token"]
    if fate == "removed":
        registrar.remove(rp.client_id)
    else:
        uri = "" if fate == "silent" else "https://x y.example/"
        models.Client.objects.filter(pk=rp.client_id).update(frontchannel_logout_uri=uri)
        clients.evict(rp.client_id)
    answer = other.end_session(id_token_hint=hint)
    assert frame_src(answer) == [TWO]
    assert len(frames(answer)) == 1


def test_asked_first_the_person_reads_who_will_be_told(enrol: Enrol, someone: Person) -> None:
    rp, plain = framed(enrol, ONE, client_name="Framed & told"), enrol(client_name="Never told")
    rp.tokens()
    plain.tokens()
    asking = rp.end_session(client_id=rp.client_id, post_logout_redirect_uri=BACK)
    assert "Framed &amp; told" in asking.text
    assert "Never told" not in asking.text
    assert someone.email in asking.text
    assert frame_src(asking) == [], "nobody is told before"
    answer = someone.decide(asking, "sign_out")
    assert frame_src(answer) == [ONE]
    assert BACK in Page(answer).links.values()


def test_the_account_page_takes_the_same_road(enrol: Enrol, someone: Person) -> None:
    rp = framed(enrol, ONE, client_name="Framed app")
    rp.tokens()
    asking = someone.browser.open(f"{someone.browser.site}/account/logout/")
    assert "Framed app" in asking.text
    answer = someone.sign_out()
    assert (answer.status_code, frame_src(answer)) == (200, [ONE])
    assert len(frames(answer)) == 1
    assert not rp.ask(prompt="none").parameters.get("code")


def test_so_does_the_administration(enrol: Enrol, someone: Person) -> None:
    people.appoint(someone.subject, is_staff=True)
    rp = framed(enrol, ONE)
    rp.tokens()
    page = someone.browser.open(f"{someone.browser.site}/admin/")
    form = next(form for form in Page(page).forms if form.action.endswith("/admin/logout/"))
    answer = someone.browser.submit(form)
    assert frame_src(answer) == [ONE]
    assert len(frames(answer)) == 1


def test_so_does_going_on_with_another_account(enrol: Enrol, someone: Person) -> None:
    rp = framed(enrol, ONE)
    rp.tokens()
    page = rp.ask(prompt="select_account").response
    page = someone.browser.follow(page)
    answer = someone.decide(page, "other")
    assert frame_src(answer) == [ONE]
    (onward,) = [url for url in Page(answer).links.values() if "/account/login/" in url]
    assert "login" in str(Page(someone.browser.open(onward)).forms), "and the way goes on"


def test_reloading_the_page_frames_nobody(enrol: Enrol) -> None:
    rp = framed(enrol, ONE)
    hint = rp.tokens()["id_token"]
    rp.end_session(id_token_hint=hint)
    again = rp.end_session(id_token_hint=hint)
    assert (again.status_code, frames(again), frame_src(again)) == (200, [], [])


def test_the_frames_may_not_lead_the_page_away(enrol: Enrol) -> None:
    rp = framed(enrol, ONE)
    answer = rp.end_session(id_token_hint=rp.tokens()["id_token"])
    (frame,) = _Frames(answer.text).found
    allowed = set((frame["sandbox"] or "").split())
    assert not {word for word in allowed if "navigation" in word or "popups" in word}


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://one.example/front", "nonsense"])
def test_what_cannot_be_framed_is_not_registered(enrol: Enrol, uri: str) -> None:
    with pytest.raises(Exception, match="frontchannel_logout_uri"):
        framed(enrol, ONE, frontchannel_logout_uri=uri)


@pytest.mark.spec("OIDC Front-Channel Logout §3")
def test_it_is_said_in_the_metadata(rp: RelyingParty) -> None:
    assert rp.metadata["frontchannel_logout_supported"] is True
    assert rp.metadata["frontchannel_logout_session_supported"] is True
