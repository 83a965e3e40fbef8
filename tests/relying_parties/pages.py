"""A small server for a single-page application: its pages, its library and its settings."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests import outside
from tests.relying_parties import listener

LIBRARY = "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
FILES = {
    "/": ("text/html", "pages/index.html"),
    "/callback": ("text/html", "pages/index.html"),
    "/app.js": ("text/javascript", "pages/app.js"),
    "/oidc-client-ts.js": ("text/javascript", LIBRARY),
}


@contextmanager
def served(address: str, settings: Mapping[str, Any]) -> Iterator[None]:
    """Serve the application at an address until the block ends."""
    with listener.listening(address) as site:
        for path, (kind, name) in FILES.items():
            site.publish(path, kind, (outside.NPM / name).read_text(encoding="utf-8"))
        site.publish("/settings.json", "application/json", json.dumps(settings))
        yield
