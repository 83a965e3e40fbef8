"""OIDC Registration §2.1 — what people read may be there in several languages."""

from typing import Any

import pytest

from authserver import registration
from tests.parties import CALLBACK

pytestmark = pytest.mark.spec("OIDC Registration §2.1")

WEB: dict[str, Any] = {"redirect_uris": [CALLBACK]}


def wrong(**metadata: Any) -> set[str]:
    return {fault.member for fault in registration.read({**WEB, **metadata})[1]}


NAMED = {"client_name#de": "Notizbuch", "client_name#pt-br": "Caderno", "tos_uri#fr": CALLBACK}


def test_names_and_links_may_be_in_several_languages() -> None:
    entry, _ = registration.read(WEB | NAMED)
    assert entry
    assert entry.columns["localized"] == {
        "client_name": {"de": "Notizbuch", "pt-BR": "Caderno"},
        "tos_uri": {"fr": CALLBACK},
    }


@pytest.mark.parametrize(
    ("metadata", "member"),
    [
        ({"client_name#": "x"}, "client_name#"),
        ({"client_name#d": "x"}, "client_name#d"),
        ({"client_name#de_DE": "x"}, "client_name#de_DE"),
        ({"client_name#" + "de-" * 20 + "x": "x"}, "client_name#" + "de-" * 20 + "x"),
        ({"redirect_uris#de": [CALLBACK]}, "redirect_uris#de"),
        ({"nothing#de": "x"}, "nothing#de"),
        ({"client_name#de": "Bank\u202e"}, "localized"),
        ({"client_name#de": 5}, "localized"),
        ({"tos_uri#de": "javascript:alert(1)"}, "localized"),
        ({"client_name#de": "a", "client_name#DE": "b"}, "localized"),
        ({"localized": {"scope": {"de": "x"}}}, "localized"),
        ({"localized": {"client_name": "x"}}, "localized"),
        ({"localized": []}, "localized"),
    ],
)
def test_what_is_no_translation_is_refused(metadata: dict[str, Any], member: str) -> None:
    assert member in wrong(**metadata)
