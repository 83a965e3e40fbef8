"""The files of deploy/, read as the programs they are for read them: blocks of words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import tree

FOLDER = tree.ROOT / "deploy"
WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|[{};\n]|#[^\n]*|[^\s{};#"]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What stands between two braces: its heading, its lines, its blocks."""

    heading: tuple[str, ...] = ()
    lines: list[tuple[str, ...]] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)

    def all(self) -> Iterator["Block"]:
        """Yield this block and every one inside."""
        yield self
        for block in self.blocks:
            yield from block.all()

    def values(self, name: str) -> list[tuple[str, ...]]:
        """Return what stands behind this word, line by line."""
        return [line[1:] for line in self.lines if line[0] == name]

    def named(self, name: str) -> list["Block"]:
        """Return the blocks under this heading."""
        return [block for block in self.blocks if block.heading[:1] == (name,)]


def nginx() -> Block:
    """Read nginx's file, where `;` ends a line."""
    return _read(FOLDER / "nginx/authserver.conf", ends=";")


def caddy() -> Block:
    """Read Caddy's file, where a line is a line."""
    return _read(FOLDER / "caddy/Caddyfile", ends="\n")


def _read(path: Path, *, ends: str) -> Block:
    whole = Block()
    open_, line = [whole], list[str]()
    for word in WORDS.findall(path.read_text(encoding="utf-8")):
        if word.startswith("#") or (word == "\n" != ends):
            continue
        if word == "{":
            made = Block(heading=tuple(line))
            open_[-1].blocks.append(made)
            open_.append(made)
            line = []
        elif word in {"}", ends}:
            if line:
                open_[-1].lines.append(tuple(line))
            line = []
            if word == "}":
                open_.pop()
        else:
            line.append(word.strip('"'))
    assert open_ == [whole]
    return whole
