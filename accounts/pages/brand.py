"""How a page shows whose it is: name, logo, links, and the style sheet of its accent.

The application that asks lends the page its colour; name and logo above stay the deployment's, for
that is who takes the password.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts import brand
from accounts.pages.clients import Application
from config import colours, environment, pictures, policy

STYLE_PATH: Final = "brand.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What stands on every page; `logo` and `stylesheet` are addresses of ours, or ''."""

    name: str
    tagline: str
    logo: str
    stylesheet: str
    links: tuple[tuple[str, str], ...]


def shown(languages: Sequence[str], application: Application | None) -> Shown:
    """Return the brand of a page that is shown for this application, or for none."""
    said = policy.current().branding
    words = brand.words(languages)
    accent = (application.accent if application else "") or said.accent
    links = (
        (_("Help"), words.support_url),
        (_("Imprint"), words.imprint_url),
        (_("Privacy"), words.privacy_url),
    )
    return Shown(
        name=words.name,
        tagline=words.tagline,
        logo=_logo(said.logo),
        stylesheet=stylesheet(accent) if accent else "",
        links=tuple((text, address) for text, address in links if address),
    )


def stylesheet(accent: str) -> str:
    """Return where an accent's style sheet is: by its content, so that browsers keep it."""
    query = {"accent": accent[1:], "digest": colours.digest(colours.stylesheet(accent))}
    return f"{environment.current().issuer_path}/{STYLE_PATH}?{urlencode(query)}"


def _logo(path: str) -> str:
    picture = pictures.read(Path(path)) if path else None
    if picture is None:
        return ""
    return f"{environment.current().issuer_path}/{pictures.PATH}?digest={picture.digest}"
