"""config.policy and config.policy_file: the defaults, the file, and what contradicts itself."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from config import contradictions, policy, policy_file
from config.policy import Keys, Lifetimes, PasswordPolicy, Policy, Refresh, Transport


def read(tmp_path: Path, text: str) -> tuple[Policy, list[str]]:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    found, faults = policy_file.read(file)
    return found, [str(fault) for fault in faults]


def test_the_defaults_contradict_nothing_and_keep_their_own_bounds() -> None:
    assert contradictions.found(Policy()) == []
    for part in fields(Policy):
        kind = type(getattr(Policy(), part.name))
        for each in fields(kind):
            if "at_least" in each.metadata:
                assert each.metadata["at_least"] <= each.default <= each.metadata["at_most"]


def test_every_part_names_its_clause() -> None:
    for part in fields(Policy):
        assert "§" in (type(getattr(Policy(), part.name)).__doc__ or "")


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    found, faults = read(
        tmp_path,
        '[lifetimes]\naccess_token = "5m"\nfamily = "30d"\n'
        '[passwords]\npolicy = "nist"\nmin_length = 15\n'
        "[transport]\nhsts_include_subdomains = true\n",
    )
    assert faults == []
    assert found.lifetimes == Lifetimes(
        access_token=timedelta(minutes=5), family=timedelta(days=30)
    )
    assert found.passwords.policy is PasswordPolicy.NIST
    assert found.transport.hsts_include_subdomains
    assert found.refresh == Refresh()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[lifetime]\ncode = '1s'", "Did you mean lifetimes?"),
        ("[lifetimes]\ncodes = '1s'", "Did you mean lifetimes.code?"),
        ("lifetimes = 3", "must be a table"),
        ("[lifetimes]\ncode = 60", "in quotes"),
        ("[lifetimes]\ncode = '60'", "is not a duration"),
        ("[lifetimes]\ncode = '1h'", "too large"),
        ("[lifetimes]\ncode = '0s'", "too small"),
        ("[lifetimes]\ncode = '99999999999d'", "is not a duration"),
        ("[passwords]\nmin_length = '12'", "whole number"),
        ("[passwords]\nmin_length = true", "whole number"),
        ("[passwords]\npolicy = 'none'", "Allowed: classic, nist"),
        ("[transport]\nhsts_preload = 1", "true or false"),
        ("[transport]\nhsts_preload = true", "hsts_include_subdomains"),
        ("[lifetimes\n", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    faults = read(tmp_path, text)[1]
    assert len(faults) == 1
    assert sentence in faults[0]


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    assert (
        len(read(tmp_path, "[a]\n[refresh]\ngrace = 1\nb = 2\n[keys]\nrsa_bits = 1024\n")[1]) == 4
    )


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xff")
    assert "UTF-8" in str(policy_file.read(file)[1][0])


@pytest.mark.parametrize(
    ("contradiction", "key"),
    [
        (Policy(lifetimes=Lifetimes(family=timedelta(days=1))), "lifetimes.refresh_token"),
        (Policy(keys=Keys(jwks_max_age=timedelta(hours=2))), "keys.announce_for"),
        (Policy(keys=Keys(rotate_after=timedelta(hours=1))), "keys.rotate_after"),
        (
            Policy(
                keys=Keys(retain_for=timedelta(days=1)),
                lifetimes=Lifetimes(access_token=timedelta(days=1)),
            ),
            "keys.retain_for",
        ),
        (Policy(transport=Transport(hsts_preload=True)), "transport.hsts_preload"),
    ],
)
def test_values_that_cannot_be_together_are_named(contradiction: Policy, key: str) -> None:
    assert [fault.key for fault in contradictions.found(contradiction)] == [key]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10s", timedelta(seconds=10)),
        ("250ms", timedelta(milliseconds=250)),
        ("1h30m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta(0)),
    ],
)
def test_durations_read_as_they_are_written(text: str, value: timedelta) -> None:
    assert policy_file.duration(text) == value
    assert policy_file.duration(policy_file.written(value)) == value


@pytest.mark.parametrize("text", ["", "1", "s", "-1s", "1.5h", "1 h", "1H", "1h ", "٣s", "1y"])
def test_no_other_duration_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        policy_file.duration(text)


def test_another_policy_holds_inside_the_block_only() -> None:
    before = policy.current()
    with policy.replaced(refresh=Refresh(grace=timedelta(0))) as inside:
        assert policy.current() is inside
        assert policy.current().refresh.grace == timedelta(0)
    assert policy.current() is before
