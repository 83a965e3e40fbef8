"""What this deployment says of itself, in the language that suits a person best."""

from collections.abc import Sequence
from dataclasses import fields

from accounts import languages as tags
from config import policy
from config.branding import Words


def words(languages: Sequence[str]) -> Words:
    """Return name, tagline and links; what is not said in their language is said in general."""
    said = policy.current().branding
    there = dict(said.locales)
    tag = tags.best(languages, there)
    own = there[tag] if tag else Words()
    names = [each.name for each in fields(Words)]
    return Words(**{name: getattr(own, name) or getattr(said, name) for name in names})
