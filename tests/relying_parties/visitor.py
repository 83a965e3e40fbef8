"""A person who uses a site: one browser for the site, and one for the server it signs in at."""

from dataclasses import dataclass
from typing import Any

from tests.browser import Browser, Page
from tests.doors import Response
from tests.examples.world import Wire
from tests.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at a site whose pages answer JSON."""

    site: str
    browser: Browser
    person: Person

    def open(self, path: str, decision: str = "allow") -> Response:
        """Open a page of the site, through the server and back as often as it wants."""
        answer = self.browser.open(f"{self.site}/{path}")
        while answer.location:
            there = self.person.visit(answer.location, decision)
            if Page(there).form_with("sign_out"):
                there = self.person.decide(there, "sign_out")
            assert there.location, f"{there.status_code} {Page(there).heading}: no way back"
            answer = self.browser.open(there.location)
        return answer

    def read(self, path: str, decision: str = "allow") -> dict[str, Any]:
        """Open a page and return what it says."""
        answer = self.open(path, decision)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def at(site: str, person: Person) -> Visitor:
    """Return somebody who has never been there."""
    return Visitor(site=site, browser=Browser(Wire(), site), person=person)
