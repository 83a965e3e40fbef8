"""RFC 6749 §5.2 — no input reaches a 500: what chance makes of headers, forms and bodies."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver import clients
from tests import doors
from tests.fuzz import corpus, targets, wire
from tests.fuzz.wire import CSRF, FORM, Sent
from tests.rp import RelyingParty

MACHINES = [path for path in targets.MACHINES if "/oauth2/" in path]
PAGES = [path for path in targets.pages() if not path.startswith(("/admin/", "/static"))]
WAYS = [*(("django", path) for path in MACHINES), *(("front", path) for path in MACHINES + PAGES)]
VISIBLE = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")
TEXT = st.text(max_size=60) | st.sampled_from(
    ["", "\0", "\ud7ff", "code", "none", "openid", "refresh_token", "authorization_code", "Bearer"]
)
FIELDS = st.dictionaries(st.sampled_from(corpus.FIELDS) | TEXT, TEXT, max_size=12)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Authorization",
            "Content-Type",
            "Origin",
            "Accept",
            "Accept-Language",
            "Cookie",
            "Referer",
        ]
    ),
    st.text(VISIBLE, max_size=60),
    max_size=4,
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "TRACE", "get"])
OURS = st.sampled_from(
    ["as_ac_", "as_rt_", "as_at_", "as_ix_", "as_se_", "ac_", "ix_", "as_cs_", ""]
)
HANDLES = st.builds(str.__add__, OURS, st.text("abcABC019-_=.", max_size=300))


def _clean(fields: dict[str, str]) -> dict[str, str]:
    return {_encodable(name): _encodable(value) for name, value in fields.items()}


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(("way", "path"), WAYS)
@settings(max_examples=20)
@given(data=st.data())
def test_any_bytes(way: str, path: str, data: st.DataObject) -> None:
    clients.evict_all()
    sent = Sent(
        method=data.draw(METHODS),
        path=path,
        query=data.draw(st.text(VISIBLE, max_size=80)),
        headers={**wire.passing_csrf(), **data.draw(HEADERS)},
        body=data.draw(st.binary(max_size=300)),
    )
    targets.judge(path, wire.send(way, sent))


@pytest.mark.parametrize(("way", "path"), WAYS)
@settings(max_examples=20)
@given(fields=FIELDS, in_query=st.booleans())
def test_any_form(way: str, path: str, fields: dict[str, str], in_query: bool) -> None:
    clients.evict_all()
    form = doors.encoded({**_clean(fields), "csrfmiddlewaretoken": CSRF})
    headers = {"Content-Type": FORM, **wire.passing_csrf()}
    sent = Sent(path=path, query=form, headers=headers)
    if not in_query:
        sent = Sent(method="POST", path=path, body=form.encode(), headers=headers)
    targets.judge(path, wire.send(way, sent))


@settings(max_examples=60)
@given(data=st.data())
def test_any_grant_of_a_client(machine: RelyingParty, data: st.DataObject) -> None:
    kind = data.draw(
        st.sampled_from(["authorization_code", "refresh_token", "client_credentials", "password"])
    )
    form: dict[str, Any] = {**_clean(data.draw(FIELDS)), "grant_type": kind}
    form |= {"code": data.draw(HANDLES), "refresh_token": data.draw(HANDLES)}
    headers, _ = machine.credentials.proof(machine.issuer)
    for name in ("client_secret", "client_assertion", "client_assertion_type", "client_id"):
        form.pop(name, None)
    answer = machine.door.post(machine.address("token"), form, headers=headers)
    # 503: a handle that names a root key which this process does not hold (see known_here).
    assert answer.status_code in {200, 400, 503}, answer.text
    assert answer.status_code != 503 or answer.json()["error"] == "temporarily_unavailable"
    assert machine.client_credentials().status_code == 200


@settings(max_examples=60)
@given(text=HANDLES | TEXT)
def test_any_token(resource_server: RelyingParty, text: str) -> None:
    token = _encodable(text)
    seen = resource_server.introspect(token)
    assert seen.status_code in {200, 400}, seen.text
    assert seen.status_code == 400 or seen.json() == {"active": False}
    assert resource_server.revoke(token).status_code in {200, 400}
    header = "".join(character for character in token if " " <= character <= "~")
    assert resource_server.userinfo(header).status_code in {400, 401}
