"""A browser without scripts: cookies, pages with their links and forms, redirects inside a site."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urljoin, urlsplit

from tests import doors
from tests.doors import Door, Response, Value

REDIRECTS = frozenset({301, 302, 303})
REPEATING = frozenset({307, 308})  # would post a password once more, to wherever it points
MOST_HOPS = 12
WRITTEN = frozenset({"select", "textarea"})
LABELLED = frozenset({"a", "button", "h1", "title"})


@dataclass(slots=True, kw_only=True)
class Form:
    """A form: its fields as they stand, and its buttons as (name, value)."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def offers(self, value: str) -> bool:
        """Tell whether a button carries this value."""
        return any(value == offered for _, offered in self.buttons)


class Page(HTMLParser):
    """What a person sees of an answer: headings, links (by text), forms, and what it would load."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.title = self.heading = ""
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._url = response.url
        self._form: Form | None = None
        self._field = ""
        self._label: list[str] = []
        self._open: tuple[str, str] = ("", "")
        self.feed(response.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        self.inline += [name for name in about if name.startswith("on") or name == "style"]
        if tag in {"script", "style"} and not about.get("src"):
            self.inline.append(tag)
        if tag in {"script", "img", "link", "iframe"}:
            self.loads.append(urljoin(self._url, about.get("src") or about.get("href", "")))
        if tag == "form":
            self._form = Form(
                method=about.get("method", "get").upper(),
                action=urljoin(self._url, about.get("action") or self._url),
            )
            self.forms.append(self._form)
        if self._form is not None:
            self._field = about.get("name", "") if tag in WRITTEN else self._field
            _choose(self._form, self._field, tag, about)
            _add(self._form, tag, about)
        if tag in LABELLED:
            self._open, self._label = (tag, about.get("href", "")), []

    def handle_data(self, data: str) -> None:
        self._label.append(data)
        if self._form is not None and self._form.types.get(self._field) == "textarea":
            self._form.fields[self._field] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        self._field = "" if tag in WRITTEN else self._field
        if tag != self._open[0]:
            return
        text = " ".join("".join(self._label).split())
        match tag:
            case "a":
                self.links[text] = urljoin(self._url, self._open[1])
            case "h1":
                self.heading = text
            case "title":
                self.title = text
        self._open = ("", "")

    def form_with(self, name: str) -> Form | None:
        """Return the first form with a field, or a button's value, of this name."""
        return next((f for f in self.forms if name in f.fields or f.offers(name)), None)


def _choose(form: Form, name: str, tag: str, about: Mapping[str, str]) -> None:
    """Take a list's first choice until another one is marked, and a text area as it is."""
    if tag in WRITTEN and name:
        form.fields[name], form.types[name] = "", tag
    elif tag == "option" and name and ("selected" in about or form.types[name] == "select"):
        form.fields[name], form.types[name] = about.get("value", ""), "chosen"


def _add(form: Form, tag: str, about: Mapping[str, str]) -> None:
    name, value = about.get("name", ""), about.get("value", "")
    kind = about.get("type", "submit" if tag == "button" else "text")
    if tag == "button" or (tag == "input" and kind == "submit"):
        form.buttons.append((name, value))
    elif tag == "input" and name and (kind != "checkbox" or "checked" in about):
        form.fields[name] = value
        form.types[name] = kind


class Jar:
    """The cookies of one browser, for one site."""

    def __init__(self) -> None:
        self.cookies: dict[str, Morsel[str]] = {}
        self._ends: dict[str, float] = {}

    def keep(self, response: Response) -> None:
        """Keep, replace or drop what an answer sets."""
        for line in response.headers.get_all("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                if name.startswith("__Host-"):
                    assert morsel["secure"], line
                    assert (morsel["path"], morsel["domain"]) == ("/", ""), line
                self._ends[name] = time.time() + float(morsel["max-age"] or 1e9)
                self.cookies[name] = morsel

    def plant(self, name: str, value: str) -> None:
        """Keep a cookie that no answer set."""
        planted: SimpleCookie = SimpleCookie({name: value})
        self.cookies[name], self._ends[name] = planted[name], time.time() + 3600

    def header(self, url: str) -> str:
        """Return what is sent along to an address of the site."""
        parts = urlsplit(url)
        return "; ".join(
            f"{name}={morsel.coded_value}"
            for name, morsel in self.cookies.items()
            if self._ends[name] > time.time()
            and (parts.scheme == "https" or not morsel["secure"])
            and _covers(morsel["path"] or "/", parts.path or "/")
        )


def _covers(path: str, asked: str) -> bool:
    return asked == path or asked.startswith(path if path.endswith("/") else f"{path}/")


class Browser:
    """A browser with cookies of its own; it follows redirects only within the site."""

    def __init__(self, door: Door, site: str) -> None:
        self.door = door
        self.site = site
        self.jar = Jar()
        self.visited: list[Response] = []

    def send(
        self, method: str, url: str, form: Mapping[str, Value] | None = None, origin: str = ""
    ) -> Response:
        """Send one request, with the cookies and the Origin a browser sends; follow nothing.

        What is posted from another `origin` comes without cookies: all of them are SameSite.
        """
        is_foreign = method == "POST" and origin not in {"", self.site}
        cookies = "" if is_foreign else self.jar.header(url)
        headers = {"Cookie": cookies} if cookies else {}
        if method == "POST":
            headers |= {"Origin": origin or self.site, "Content-Type": doors.FORM}
        body = doors.encoded(form or {}).encode() if method == "POST" else b""
        response = self.door.send(method, url, headers=headers, body=body)
        assert response.status_code not in REPEATING, "a browser would post the form once more"
        self.jar.keep(response)
        self.visited.append(response)
        return response

    def open(self, url: str) -> Response:
        """Open an address and follow redirects until a page, or the way out of the site."""
        return self.follow(self.send("GET", url))

    def follow(self, response: Response) -> Response:
        """Follow the redirects of an answer as far as the site reaches."""
        for _ in range(MOST_HOPS):
            if not self.leads_on(response):
                return response
            response = self.send("GET", response.location)
        raise AssertionError(f"{MOST_HOPS} redirects lead nowhere, now at {response.location}")

    def leads_on(self, response: Response) -> bool:
        """Tell whether an answer redirects to this very site."""
        is_redirect = response.status_code in REDIRECTS
        return is_redirect and f"{response.location}/".startswith(f"{self.site}/")

    def submit(self, form: Form, press: str = "", **fields: str) -> Response:
        """Fill in a form, press the button with this value (the first by default), and follow."""
        return self.follow(self.press(form, press, **fields))

    def press(self, form: Form, press: str = "", **fields: str) -> Response:
        """Do the same, without following."""
        unknown = set(fields) - set(form.fields)
        assert not unknown, f"this form has no {unknown}"
        pressed = [b for b in form.buttons if b[1] == press] if press else form.buttons[:1]
        assert pressed or not form.buttons, f"this form has no button {press}"
        whole = {**form.fields, **fields, **{name: value for name, value in pressed if name}}
        return self.send(form.method, form.action, whole)
