"""Which files of known passwords are taken at the start, and what is said of the others."""

from pathlib import Path

import pytest

from config import blocklist, variables

A, B = "A" * 40, "B" * 40


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty."),
        ("\n", "is empty."),
        (f"{'A' * 32}:3\n", "holds NTLM digests: get the one with SHA-1 digests."),
        (f"{B}:1\n{A}:1\n", "is not in order: sort it with LC_ALL=C sort -u."),
        ("b\na\n", "is not in order: sort it with LC_ALL=C sort -u."),
    ],
)
def test_what_is_wrong_is_said_at_the_start(content: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(content)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the sentence is what is tested
        variables.VARIABLES["password_blocklist_file"].parse(str(path))
    assert str(caught.value) == problem


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        blocklist.check(tmp_path / "none")


@pytest.mark.parametrize("content", [f"{A}:1\r\n{B}:9\r\n", f"{A}\n{B}\n", "a\nb", "just one"])
def test_both_forms_are_taken(content: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(content.encode())
    assert blocklist.check(path) == path
