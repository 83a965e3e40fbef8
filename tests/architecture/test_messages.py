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
    assert source == messages.written(package, known), "run `make messages`"
    assert messages.place(package, language, "mo").read_bytes() == messages.compiled(known)


@EACH
def test_gettext_reads_what_we_compiled(package: str, language: str) -> None:
    known = messages.translated(package, language)
    with messages.place(package, language, "mo").open("rb") as file:
        read = gettext.GNUTranslations(io.BytesIO(file.read()))
    assert [text for text, told in known.items() if read.gettext(text) != told] == []


@EACH
def test_a_translation_keeps_what_is_filled_in_and_what_is_marked(
    package: str, language: str
) -> None:
    for text, told in messages.translated(package, language).items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(told)), text
        assert sorted(Tags(text).found) == sorted(Tags(told).found), text
        assert ADDRESS.findall(text) == ADDRESS.findall(told), text
        assert text.endswith(("\n", " ")) == told.endswith(("\n", " ")), text
        assert text.count("\n") <= told.count("\n") + 1, text


def test_one_text_has_one_translation() -> None:
    for language in messages.LANGUAGES:
        accounts, protocol = (messages.translated(name, language) for name in messages.PACKAGES)
        both = accounts.keys() & protocol.keys()
        assert {text for text in both if accounts[text] != protocol[text]} == set()


def test_only_whole_languages_are_offered() -> None:
    assert set(languages.COMPLETE) <= {tag for tag, _ in settings.LANGUAGES}
    assert languages.COMPLETE[0] == settings.LANGUAGE_CODE


def test_the_words_of_the_standard_scopes_are_translated() -> None:
    rows = models.Scope.objects.filter(name__in=["openid", "profile", "email", "offline_access"])
    written = {text for row in rows for text in (row.title, row.description)}
    assert written <= set(pages.STANDARD_WORDS)
    with translation.override("de"):
        assert translation.gettext("Know who you are") == "Wissen, wer Sie sind"
