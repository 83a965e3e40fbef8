"""The texts of our pages and their translations: in the sources, in .po, compiled to .mo.

`make messages` writes both, so that nobody needs the gettext programs: new texts come in empty, to
be translated; what is gone from the sources goes. The compiled files are committed beside them.
"""

import ast
import json
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.template.base import Lexer, Token, TokenType

from accounts import languages
from tests import tree

PACKAGES: Final = ("accounts", "authserver")
LANGUAGES: Final = tuple(tag for tag in languages.COMPLETE if tag != "en")
NAMES: Final = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
HEADER: Final = "Content-Type: text/plain; charset=UTF-8\n"
_MAGIC: Final = 0x950412DE


def sources(package: str) -> dict[str, set[str]]:
    """Return every text of a package, and the files it stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in tree.product():
        if module.path.startswith(f"{package}/"):
            for text in _of_module(module):
                found[text].add(module.path)
    for path in sorted((tree.ROOT / package / "templates").rglob("*.*")):
        for text in _of_template(path.read_text(encoding="utf-8")):
            found[text].add(str(path.relative_to(tree.ROOT)))
    return found


def place(package: str, language: str, kind: str) -> Path:
    """Return where a catalogue rests, as `po` or `mo`."""
    return tree.ROOT / package / "locale" / language / f"LC_MESSAGES/django.{kind}"


def translated(package: str, language: str) -> dict[str, str]:
    """Return every text of a catalogue with its translation, '' where there is none."""
    path = place(package, language, "po")
    found: dict[str, str] = {}
    parts: dict[str, str] = {}
    kind = ""
    for line in [*(path.read_text(encoding="utf-8") if path.exists() else "").splitlines(), ""]:
        word, _, rest = line.partition(" ")
        if word in {"msgid", "msgstr"}:
            kind, line = word, rest  # noqa: PLW2901  what is left of it
        if line.startswith('"'):
            parts[kind] = parts.get(kind, "") + json.loads(line)
        elif not line and parts:
            found[parts["msgid"]] = parts["msgstr"]
            parts = {}
    return {text: told for text, told in found.items() if text}


def written(package: str, known: Mapping[str, str]) -> str:
    """Return a catalogue as translators read it: the texts there are, and where they stand."""
    blocks = [f'msgid ""\nmsgstr ""\n{_quoted(HEADER)}\n']
    for text, paths in sorted(sources(package).items()):
        where = "".join(f"#: {path}\n" for path in sorted(paths))
        mark = "#, python-format\n" if "%(" in text else ""
        told = known.get(text, "")
        blocks.append(f"{where}{mark}msgid {_quoted(text)}\nmsgstr {_quoted(told)}\n")
    return "\n".join(blocks)


def compiled(known: Mapping[str, str]) -> bytes:
    """Return a catalogue as the server reads it (GNU gettext, without its hash table)."""
    pairs = sorted((text.encode(), told.encode()) for text, told in {"": HEADER, **known}.items())
    start, body = 28 + 16 * len(pairs), b""
    tables: list[list[int]] = [[], []]
    for side, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[side]), start + len(body)]
            body += pair[side] + b"\0"
    count = len(pairs)
    head = struct.pack("<7I", _MAGIC, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + body


def main() -> None:
    """Write every catalogue anew, and what is compiled of it."""
    for package in PACKAGES:
        for language in LANGUAGES:
            there = written(package, translated(package, language))
            place(package, language, "po").parent.mkdir(parents=True, exist_ok=True)
            place(package, language, "po").write_text(there, encoding="utf-8")
            known = translated(package, language)
            place(package, language, "mo").write_bytes(compiled(known))
            print(f"{package} {language}: {list(known.values()).count('')} to translate")


def _quoted(text: str) -> str:
    """Return a text in quotes, a line of the file for each of its own."""
    lines = text.splitlines(keepends=True) or [""]
    quoted = [json.dumps(line, ensure_ascii=False) for line in lines]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])


def _of_module(module: tree.Module) -> Iterator[str]:
    for call in tree.calls(module):
        match call.args:
            case [ast.Constant(value=str(text)), *_] if tree.called(call) in NAMES and text:
                yield text


def _of_template(source: str) -> Iterator[str]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        words = token.split_contents() if token.token_type is TokenType.BLOCK else [""]
        match words[0]:
            case "translate":
                assert words[1][0] in "\"'", words
                yield words[1][1:-1]
            case "blocktranslate":
                assert not {"trimmed", "count", "context"} & set(words), words
                yield "".join(_of_block(tokens))


def _of_block(tokens: Iterator[Token]) -> Iterator[str]:
    """Yield the text as Django looks it up, up to the end of the block."""
    for token in tokens:
        match token.token_type:
            case TokenType.TEXT:
                yield token.contents.replace("%", "%%")
            case TokenType.VAR:
                yield f"%({token.contents})s"
            case _:
                return


if __name__ == "__main__":
    main()
