"""The texts of our pages and their translations: in the sources, in .po, compiled to .mo.

`make messages` writes both, so that nobody needs the gettext programs: new texts come in empty, to
be translated; what is gone from the sources goes. The compiled files are committed beside them.
A text that counts is known by its singular and its plural, as gettext writes it: with a NUL between
them; its translation has as many forms as the language counts in.
"""

import ast
import json
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace

from accounts import languages
from tests import tree

PACKAGES: Final = ("accounts", "authserver")
LANGUAGES: Final = tuple(tag for tag in languages.COMPLETE if tag != "en")
NAMES: Final = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
COUNTING: Final = frozenset({"ngettext", "ngettext_lazy"})
PLURALS: Final[Mapping[str, tuple[int, str]]] = {
    "de": (2, "n != 1"),
    "fr": (2, "n > 1"),
    "es": (2, "n != 1"),
    "ja": (1, "0"),
    "ar": (6, "n<3 ? n : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"),
}
"""How many forms each language counts in, and which one is for `n`."""
_MAGIC: Final = 0x950412DE
_IN_TAG = re.compile(r"""_\((?:"([^"]+)"|'([^']+)')\)""")


def sources(package: str) -> dict[str, set[str]]:
    """Return every text of a package, and the files it stands in."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in tree.product():
        if module.path.startswith(f"{package}/"):
            for text in _of_module(module):
                found[text].add(module.path)
    for path in sorted((tree.ROOT / package / "templates").rglob("*.*")):
        for text in of_template(path.read_text(encoding="utf-8")):
            found[text].add(str(path.relative_to(tree.ROOT)))
    return found


def place(package: str, language: str, kind: str) -> Path:
    """Return where a catalogue rests, as `po` or `mo`."""
    return tree.ROOT / package / "locale" / language / f"LC_MESSAGES/django.{kind}"


def header(language: str) -> str:
    """Return what a catalogue says of itself."""
    count, rule = PLURALS[language]
    plurals = f"Plural-Forms: nplurals={count}; plural=({rule});\n"
    return f"Language: {language}\nContent-Type: text/plain; charset=UTF-8\n{plurals}"


def translated(package: str, language: str) -> dict[str, str]:
    """Return every text of a catalogue with its translation, '' where there is none."""
    path = place(package, language, "po")
    found: dict[str, str] = {}
    parts: dict[str, str] = {}
    kind = ""
    for line in [*(path.read_text(encoding="utf-8") if path.exists() else "").splitlines(), ""]:
        word, _, rest = line.partition(" ")
        if word.startswith("msg"):
            kind, line = word, rest  # noqa: PLW2901  what is left of it
        if line.startswith('"'):
            parts[kind] = parts.get(kind, "") + json.loads(line)
        elif not line and parts:
            text = "\0".join(parts[name] for name in parts if name.startswith("msgid"))
            forms = [parts[name] for name in parts if name.startswith("msgstr")]
            found[text] = "\0".join(forms) if all(forms) else ""
            parts = {}
    return {text: told for text, told in found.items() if text}


def written(package: str, language: str, known: Mapping[str, str]) -> str:
    """Return a catalogue as translators read it: the texts there are, and where they stand."""
    blocks = [f'msgid ""\nmsgstr ""\n{_quoted(header(language))}\n'.replace('""\n""\n', '""\n')]
    for text, paths in sorted(sources(package).items()):
        where = "".join(f"#: {path}\n" for path in sorted(paths))
        mark = "#, python-format\n" if "%(" in text else ""
        told = known.get(text, "")
        blocks.append(f"{where}{mark}{_entry(text, told, PLURALS[language][0])}")
    return "\n".join(blocks)


def _entry(text: str, told: str, forms: int) -> str:
    one, _, many = text.partition("\0")
    if not many:
        return f"msgid {_quoted(one)}\nmsgstr {_quoted(told)}\n"
    parts = told.split("\0") if told else [""] * forms
    lines = "".join(f"msgstr[{number}] {_quoted(part)}\n" for number, part in enumerate(parts))
    return f"msgid {_quoted(one)}\nmsgid_plural {_quoted(many)}\n{lines}"


def compiled(language: str, known: Mapping[str, str]) -> bytes:
    """Return a catalogue as the server reads it (GNU gettext, without its hash table).

    What is not translated is left out: a text in English is better than none.
    """
    texts = {"": header(language), **{text: told for text, told in known.items() if told}}
    pairs = sorted((text.encode(), told.encode()) for text, told in texts.items())
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
            there = written(package, language, translated(package, language))
            place(package, language, "po").parent.mkdir(parents=True, exist_ok=True)
            place(package, language, "po").write_text(there, encoding="utf-8")
            known = translated(package, language)
            place(package, language, "mo").write_bytes(compiled(language, known))
            print(f"{package} {language}: {list(known.values()).count('')} to translate")


def _quoted(text: str) -> str:
    """Return a text in quotes, a line of the file for each of its own."""
    lines = text.splitlines(keepends=True) or [""]
    quoted = [json.dumps(line, ensure_ascii=False) for line in lines]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])


def _of_module(module: tree.Module) -> Iterator[str]:
    for call in tree.calls(module):
        name = tree.called(call)
        match call.args:
            case [ast.Constant(value=str(text)), *_] if name in NAMES and text:
                yield text
            case [ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_] if (
                name in COUNTING
            ):
                yield f"{one}\0{many}"


def of_template(source: str) -> Iterator[str]:
    """Yield the texts of a template as Django looks them up."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            yield from (double or single for double, single in _IN_TAG.findall(token.contents))
        words = token.split_contents() if token.token_type is TokenType.BLOCK else [""]
        match words[0]:
            case "translate":
                assert words[1][0] in "\"'", words
                yield words[1][1:-1].replace("%", "%%")
            case "blocktranslate":
                assert not {"context", "asvar"} & set(words), words
                yield _of_block(tokens, is_trimmed="trimmed" in words)


def _of_block(tokens: Iterator[Token], *, is_trimmed: bool) -> str:
    """Return the text as Django looks it up, up to the end of the block."""
    forms = [""]
    for token in tokens:
        match token.token_type, token.contents.split()[:1]:
            case TokenType.TEXT, _:
                forms[-1] += token.contents.replace("%", "%%")
            case TokenType.VAR, _:
                forms[-1] += f"%({token.contents})s"
            case TokenType.BLOCK, ["plural"]:
                forms.append("")
            case _:
                break
    return "\0".join(trim_whitespace(form) if is_trimmed else form for form in forms)


if __name__ == "__main__":
    main()
