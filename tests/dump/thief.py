"""Every way to present a text as a credential; each says whether it was worth anything."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from django.test import RequestFactory

from accounts import passkeys, people, recovery_codes, totp, trusted_browsers
from accounts.ceremonies import Ceremony, Purpose
from config import policy
from config.policy import RegistrationMode
from tests import credentials, registrations
from tests.authenticator import Es256
from tests.credentials import Basic, Post
from tests.dump.story import FRONT, Story
from tests.registrations import Newcomer

_SCALAR = 32
Way = Callable[[Story, str], bool]


def as_code(story: Story, text: str) -> bool:
    """Redeem it."""
    return any(
        story.rp.redeem(prefix + text).status_code == 200 for prefix in ("", "as_ac_", "as_acrow_")
    )


def as_refresh_token(story: Story, text: str) -> bool:
    """Refresh with it."""
    return any(story.rp.refresh(prefix + text).status_code == 200 for prefix in ("", "as_rt_"))


def as_access_token(story: Story, text: str) -> bool:
    """Show it to userinfo and to introspection."""
    for candidate in (text, f"as_at_{text}"):
        if _is_header(candidate) and story.rp.userinfo(candidate).status_code == 200:
            return True
        answer = story.rp.introspect(candidate)
        if answer.status_code == 200 and answer.json()["active"]:
            return True
    return False


def as_client_secret(story: Story, text: str) -> bool:
    """Be each client with it, by header and by body."""
    asked = {"grant_type": "client_credentials"}
    return any(
        story.rp.post("token", asked, kind(client_id=client_id, secret=text)).status_code == 200
        for kind in (Basic, Post)
        for client_id in story.clients.values()
    )


def as_assertion_key(story: Story, text: str) -> bool:
    """Sign an assertion with it, as text and as the bytes it may stand for."""
    client_id = story.clients["jwt"]
    for key in {text.encode("utf-8"), *_bytes(text)}:
        claims = credentials.statement(client_id, story.rp.issuer)
        signed = f"{_segment({'alg': 'HS256', 'typ': 'JWT'})}.{_segment(claims)}"
        mark = hmac.digest(key, signed.encode(), hashlib.sha256)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": credentials.ASSERTION,
            "client_assertion": f"{signed}.{_b64(mark)}",
        }
        if FRONT.post(story.rp.address("token"), form).status_code == 200:
            return True
    return False


def as_session_cookie(story: Story, text: str) -> bool:
    """Open the account with it."""
    if not _is_header(text) or ";" in text:
        return False
    cookies = {"Cookie": f"as_session={text}"}
    return FRONT.get(f"{story.rp.issuer}/account/", headers=cookies).status_code == 200


def as_browser_cookie(story: Story, text: str) -> bool:
    """Go on with an interaction that another browser began."""
    if not _is_header(text) or ";" in text:
        return False
    url = f"{story.rp.address('authorization')}?interaction={quote(story.interaction)}"
    return FRONT.get(url, headers={"Cookie": f"as_browser={text}"}).status_code == 303


def as_interaction(story: Story, text: str) -> bool:
    """Go on with it in the browser that began it."""
    cookie = story.secrets["browser cookie"]
    urls = (
        f"{story.rp.address('authorization')}?interaction={quote(prefix + text, safe='')}"
        for prefix in ("", "as_ix_", "as_ixrow_")
    )
    headers = {"Cookie": f"as_browser={cookie}"}
    return any(FRONT.get(url, headers=headers).status_code == 303 for url in urls)


def as_registration_token(story: Story, text: str) -> bool:
    """Read a client's configuration with it."""
    with policy.replaced(registration=registrations.OPEN):
        return any(
            _is_header(text)
            and Newcomer(door=FRONT).manage("GET", story.own, token=prefix + text).status_code
            == 200
            for prefix in ("", "as_ra_")
        )


def as_initial_token(story: Story, text: str) -> bool:
    """Register a client with it."""
    rules = registrations.permitting(mode=RegistrationMode.TOKEN)
    with policy.replaced(registration=rules):
        return any(
            _is_header(text) and Newcomer(door=FRONT).send(token=prefix + text).status_code == 201
            for prefix in ("", "as_it_")
        )


def as_setup_link(story: Story, text: str) -> bool:
    """Open it."""
    return FRONT.get(f"{story.rp.issuer}/setup/{quote(text, safe='')}").status_code == 200


def as_password(story: Story, text: str) -> bool:
    """Be Ada with it (asked without the page, which lets nobody try for long)."""
    user = people.find(story.ada.subject)
    return user is not None and user.check_password(text)


def as_app_secret(story: Story, text: str) -> bool:
    """Make a code of it."""
    try:
        code = totp.code(text, totp.now() + 1)
    except ValueError:
        return False
    return totp.verify(story.careful, code)


def as_recovery_code(story: Story, text: str) -> bool:
    """Use it up."""
    return recovery_codes.use(story.careful, text)


def as_trust_cookie(story: Story, text: str) -> bool:
    """Be the browser that is asked for no second step."""
    request = RequestFactory().get("/")
    request.COOKIES[trusted_browsers.cookie_name()] = text
    return trusted_browsers.is_trusted(request, story.careful)


def as_passkey(story: Story, text: str) -> bool:
    """Sign in with it as the private half of a passkey."""
    signing_in = Ceremony(purpose=Purpose.SIGN_IN, browser="a thief's")
    for secret in (one for one in _bytes(text) if len(one) == _SCALAR):
        try:
            device = replace(story.passkey, key=Es256(secret))
            passkeys.prove(device.get(passkeys.request_options(signing_in)), signing_in)
        except ValueError:  # no key, or refused
            continue
        return True
    return False


WAYS: dict[str, Way] = {
    name.replace("_", " "): way for name, way in globals().items() if name.startswith("as_")
}


def _is_header(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _bytes(text: str) -> set[bytes]:
    found = set()
    if text.isascii():
        with_padding = text + "=" * (-len(text) % 4)
        try:
            found.add(base64.urlsafe_b64decode(with_padding))
            found.add(bytes.fromhex(text))
        except ValueError:
            pass
    if all(ord(character) < 256 for character in text):
        found.add(text.encode("latin-1"))
    return found


def _segment(value: object) -> str:
    return _b64(json.dumps(value).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
