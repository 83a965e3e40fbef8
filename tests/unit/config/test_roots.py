"""config.roots: root keys, read, made and derived from."""

import base64
import os
import stat
import threading
from pathlib import Path

import pytest

from config import roots
from config.roots import RootKey

A, B = os.urandom(32), os.urandom(32)


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


@pytest.mark.parametrize("between", [",", " ", "\n", ", ", "\r\n"])
def test_the_first_key_seals_and_all_are_kept(between: str) -> None:
    keys = roots.parse(encoded(A) + between + encoded(B) + "\n")
    assert [key.secret for key in keys] == [A, B]
    assert len({key.key_id for key in keys}) == 2
    assert {len(key.key_id) for key in keys} == {4}


@pytest.mark.parametrize("form", [encoded(A), encoded(A).rstrip("=")])
def test_padding_and_the_url_alphabet_are_forgiven(form: str) -> None:
    assert roots.parse(form)[0].secret == A
    assert roots.parse(form.replace("+", "-").replace("/", "_"))[0].secret == A


@pytest.mark.parametrize("text", ["", "secret", encoded(A[:31]), encoded(A + b"x"), "ä" * 43, "*"])
def test_anything_else_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Key 1 is not base64 of exactly 32 bytes\.$"):
        roots.parse(text)


def test_the_same_key_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        roots.parse(f"{encoded(A)},{encoded(A)}")


@pytest.mark.spec("RFC 5869 §2")
def test_each_purpose_key_and_salt_derives_its_own() -> None:
    a, b = RootKey.of(A), RootKey.of(B)
    derived = {
        roots.hkdf(a, b"one"),
        roots.hkdf(a, b"two"),
        roots.hkdf(b, b"one"),
        roots.hkdf(a, b"one", salt=b"s"),
    }
    assert len(derived) == 4
    assert roots.hkdf(a, b"one") == roots.hkdf(RootKey.of(A), b"one")
    assert len(roots.hkdf(a, b"one", length=64)) == 64


@pytest.mark.spec("RFC 5869 §2")
def test_the_derivation_is_that_of_the_standard() -> None:
    # Appendix A.1 has a shorter key; the third case, without salt and info, fixes the extraction.
    derived = roots.hkdf(RootKey(key_id=b"", secret=b"\x0b" * 22), b"", length=42)
    assert derived.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_the_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "var" / "root.keys"
    old = os.umask(0)
    try:
        made = roots.read_or_make(file)
    finally:
        os.umask(old)
    assert roots.read_or_make(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["root.keys"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    for round_ in range(20):
        file = tmp_path / str(round_) / "root.keys"
        barrier = threading.Barrier(4)
        seen: list[tuple[RootKey, ...]] = []

        def start(file: Path = file, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            seen.append(roots.read_or_make(file))  # noqa: B023  joined below

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 4
        assert len(set(seen)) == 1


def test_a_key_that_was_typed_is_told_from_a_random_one() -> None:
    assert roots.is_weak(RootKey.of(b"k" * 32))
    assert not any(roots.is_weak(RootKey.of(os.urandom(32))) for _ in range(1000))
