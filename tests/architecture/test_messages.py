"""Every text of our pages in every language that is offered; the compiled files are of today."""

import gettext
import io
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.utils import translation

from accounts import languages
from authserver import models, pages
from tests import messages

pytestmark = pytest.mark.leg("sqlite")
EACH = pytest.mark.parametrize(
    ("package", "language"),
    [(package, language) for package in messages.PACKAGES for language in messages.LANGUAGES],
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%(?!\()")
ADDRESS = re.compile(r"\S*/account/\S*|manage\.py \S+")


class Tags(HTMLParser):
    """The elements of a text, in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag} {attrs}>")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")


def test_texts_are_found() -> None:
    for package in messages.PACKAGES:
        assert len(messages.sources(package)) > 20, package


@EACH
def test_every_text_is_translated(package: str, language: str) -> None:
    known = messages.translated(package, language)
    missing = [text for text in messages.sources(package) if not known.get(text, "").strip()]
    assert missing == [], "run `make messages`, and translate what is empty"


@EACH
def test_the_files_are_of_today(package: str, language: str) -> None:
    known = messages.translated(package, language)
    source = messages.place(package, language, "po").read_text(encoding="utf-8")
    there = messages.place(package, language, "mo").read_bytes()
    assert source == messages.written(package, language, known), "run `make messages`"
    assert there == messages.compiled(language, known)


@EACH
def test_gettext_reads_what_we_compiled(package: str, language: str) -> None:
    known = messages.translated(package, language)
    with messages.place(package, language, "mo").open("rb") as file:
        read = gettext.GNUTranslations(io.BytesIO(file.read()))
    counted = {text: told for text, told in known.items() if "\0" in text}
    plain = known.keys() - counted.keys()
    assert [text for text in plain if read.gettext(text) != known[text]] == []
    for text, told in counted.items():
        one, many = text.split("\0")
        forms = {read.ngettext(one, many, count) for count in range(200)}
        assert forms == set(told.split("\0")), text


@EACH
def test_a_translation_keeps_what_is_filled_in_and_what_is_marked(
    package: str, language: str
) -> None:
    for text, told in messages.translated(package, language).items():
        source, forms = text.split("\0")[-1], told.split("\0")
        assert len(forms) == (messages.PLURALS[language][0] if "\0" in text else 1), text
        assert faults(source, forms[-1]) == [], text
        for form in forms[:-1]:  # one, two or none may be said without the number
            filled = set(PLACEHOLDER.findall(form))
            assert filled <= set(PLACEHOLDER.findall(source)), text
            assert Tags(source).found == Tags(form).found, text


def faults(text: str, told: str) -> list[str]:
    kept = {
        "filled in": sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(told)),
        "marked": sorted(Tags(text).found) == sorted(Tags(told).found),
        "addresses": ADDRESS.findall(text) == ADDRESS.findall(told),
        "its end": text.endswith(("\n", " ")) == told.endswith(("\n", " ")),
        "paragraphs": text.count("\n\n") == told.count("\n\n"),
    }
    return [name for name, is_kept in kept.items() if not is_kept]


def test_one_text_has_one_translation() -> None:
    for language in messages.LANGUAGES:
        accounts, protocol = (messages.translated(name, language) for name in messages.PACKAGES)
        both = accounts.keys() & protocol.keys()
        assert {text for text in both if accounts[text] != protocol[text]} == set()


@EACH
def test_django_counts_as_we_do(package: str, language: str) -> None:
    """Django joins our catalogues to its own, and each of them may count in its own way."""
    for text, told in messages.translated(package, language).items():
        one, _, many = text.partition("\0")
        with translation.override(language):
            forms = {translation.ngettext(one, many, count) for count in range(200)} if many else ()
        assert set(forms) == (set(told.split("\0")) if many else set()), text


def test_texts_of_every_kind_are_read() -> None:
    source = """{% load i18n %}{% translate "100 %" %}{{ x|default:_("or this") }}
    {% include "y" with title=_('and that') %}
    {% blocktranslate count n=2 trimmed %}
      {{ n }} code
      left
    {% plural %}{{ n }} codes left{% endblocktranslate %}{% blocktranslate %}a
b{% endblocktranslate %}"""
    assert list(messages.of_template(source)) == [
        *("100 %%", "or this", "and that"),
        *("%(n)s code left\0%(n)s codes left", "a\nb"),
    ]


def test_only_whole_languages_are_offered() -> None:
    assert set(languages.COMPLETE) <= {tag for tag, _ in settings.LANGUAGES}
    assert languages.COMPLETE[0] == settings.LANGUAGE_CODE


def test_the_words_of_the_standard_scopes_are_translated() -> None:
    rows = models.Scope.objects.filter(name__in=["openid", "profile", "email", "offline_access"])
    written = {text for row in rows for text in (row.title, row.description)}
    assert written <= set(pages.STANDARD_WORDS)
    with translation.override("de"):
        assert translation.gettext("Know who you are") == "Wissen, wer Sie sind"
