"""config.upstream: providers in the policy file, their secrets, and every fault in words."""

from pathlib import Path
from typing import Any

import pytest

from config import environment, faults, policy_file, upstream
from config.upstream import Preset, Provider, SecretSent, Upstream


def read(tmp_path: Path, text: str) -> tuple[Upstream, list[str]]:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    found, wrong = policy_file.read(file)
    return found.upstream, [str(fault) for fault in wrong]


def test_nothing_is_offered_by_default() -> None:
    assert Upstream().enabled == ()
    assert Upstream().find("google") is None


@pytest.mark.parametrize(
    ("preset", "more", "known"),
    [
        ("google", "", {"name": "Google", "issuer": "https://accounts.google.com"}),
        ("gitlab", "", {"issuer": "https://gitlab.com"}),
        ("gitlab", "issuer = 'https://git.example'", {"issuer": "https://git.example"}),
        (
            "microsoft",
            "issuer = 'https://login.microsoftonline.com/a1/v2.0'",
            {"is_email_trusted": False},
        ),
        (
            "github",
            "",
            {
                "scope": ("read:user", "user:email"),
                "secret_sent": SecretSent.BODY,
                "preset": Preset.GITHUB,
            },
        ),
        (
            "openid",
            "issuer='https://a.example'\nscope='openid'\nsecond_factor_acr='a b'\nis_enabled=false",
            {
                "name": "It",
                "scope": ("openid",),
                "second_factor_acr": ("a", "b"),
                "is_enabled": False,
            },
        ),
    ],
)
def test_a_preset_knows_the_rest(
    tmp_path: Path, preset: str, more: str, known: dict[str, Any]
) -> None:
    text = f"[upstream.it]\npreset = '{preset}'\nclient_id = 'us'\n{more}\n"
    found, wrong = read(tmp_path, text)
    assert wrong == []
    provider = found.providers[0]
    assert (provider.id, provider.client_id) == ("it", "us")
    assert {name: getattr(provider, name) for name in known} == known
    assert found.find("it") == (provider if provider.is_enabled else None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[upstream.It]\n", "is no name for a provider"),
        ("[upstream]\nit = 3\n", "must be a table"),
        ("[upstream.it]\nclient_id = 'a'\n", "upstream.it.issuer"),
        ("[upstream.it]\nissuer = 'https://a.example'\n", "upstream.it.client_id"),
        ("[upstream.it]\npreset = 'google'\nclient = 'a'\n", "Did you mean client_id?"),
        ("[upstream.it]\npreset = 'gogle'\n", "is not one of"),
        ("[upstream.it]\npreset = 3\n", "is not one of"),
        ("[upstream.it]\nissuer = 'ftp://a.example'\n", "is not the https address"),
        ("[upstream.it]\nissuer = 'https://a.example/?x=1'\n", "is not the https address"),
        ("[upstream.it]\nissuer = 'https://u@a.example'\n", "is not the https address"),
        ("[upstream.it]\nissuer = 'https://a.example/{tenant}'\n", "is not the https address"),
        ("[upstream.it]\nname = ''\n", "must be a text"),
        ("[upstream.it]\nname = 3\n", "must be a text"),
        ("[upstream.it]\nis_enabled = 'yes'\n", "must be true or false"),
        ("[upstream.it]\nscope = 'a\"b'\n", "holds a character"),
        (
            "[upstream.it]\nissuer = 'https://a.example'\nclient_id = 'a'\nscope = 'email'\n",
            "must hold openid",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in "\n".join(read(tmp_path, text)[1])


def test_secrets_are_words() -> None:
    assert upstream.secrets("a=b=c\n d-1=e ") == (("a", "b=c"), ("d-1", "e"))


@pytest.mark.parametrize("text", ["a", "a=", "=b", "A=b", "a=b a=c", "a=\u00e9"])
def test_no_other_secret_is_taken_and_none_is_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not words|names a twice") as caught:
        upstream.secrets(text)
    assert "=c" not in str(caught.value)


def test_a_provider_and_its_secret_belong_together() -> None:
    both = Upstream(providers=(Provider(id="a"), Provider(id="b", is_enabled=False)))
    assert upstream.without_secret(both, {"a": "x"}) == []
    texts = [str(one) for one in upstream.without_secret(both, {"c": "x"})]
    assert len(texts) == 2
    assert "has no secret: add a=" in texts[0]
    assert "there is no [upstream.c]" in texts[1]


def test_a_server_without_a_secret_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[upstream.google]\npreset = 'google'\nclient_id = 'us'\n")
    given = {
        "AUTHSERVER_DATA_DIR": str(tmp_path / "var"),
        "AUTHSERVER_POLICY_FILE": str(file),
    }
    with pytest.raises(faults.MisconfiguredError) as caught:
        environment.load(given)
    assert "upstream.google" in caught.value.report()
    found, rules = environment.load({**given, "AUTHSERVER_UPSTREAM_SECRETS": "google=s3cret"})
    assert dict(found.upstream_secrets) == {"google": "s3cret"}
    assert "s3cret" not in repr(found)
    assert hash(rules), "answers are cached by it"
