"""RFC 6749 §3 — one request: method, path, headers, peer, and its parameters read once.

Built from a WSGI environ, which a Django request carries too. Parameters come from the query of a
GET or from the form-encoded body of a POST, never from both. It is Authlib's request without its
transport check, which would trust the Host header (`http` judges the transport).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from django.http import HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError

from authserver import errors, forms
from authserver.clients import Client
from config import client_ip, environment, json_text, policy
from config.throttle import Decision

Environ = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_DEEPEST = 12


class Headers(Mapping[str, str]):
    """The request's headers, by their names on the wire."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        """Return one header; a repeated one arrives joined by commas."""
        key = name.upper().replace("-", "_")
        value = self._environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"]
        return str(value)

    def __iter__(self) -> Iterator[str]:
        """Yield the names in title case."""
        for key in self._environ:
            if key.startswith("HTTP_"):
                yield key[5:].replace("_", "-").title()

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib carries no types
    """The parameters as Authlib asks for them."""

    def __init__(self, form: forms.Form) -> None:
        self._form = form

    @property
    def data(self) -> dict[str, str]:
        """Each parameter that was sent once and not empty."""
        return self._form.single

    @property
    def datalist(self) -> dict[str, list[str]]:
        """Every parameter as a list."""
        lists = {name: [value] for name, value in self._form.single.items()}
        return lists | {name: list(values) for name, values in self._form.repeated.items()}


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # Authlib carries no types
    """What an endpoint is given."""

    client: Client | None
    auth_method: str | None
    payload: Payload

    def __init__(self, environ: Environ, parameters: forms.Form) -> None:
        # Authlib's own __init__ would judge the transport by the Host header, so it is not called.
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        self.headers = Headers(environ)
        self.environ = environ
        self.fault = parameters.fault
        self.payload = Payload(parameters)
        self.client = self.auth_method = self.user = None
        self.authorization_code = self.refresh_token = self.credential = None
        self._parameters = parameters
        self._body = self._scope = None
        self.document: dict[str, Any] = {}
        self.limit = ""
        self.standing: Decision | None = None

    @property
    def uri(self) -> str:
        """The address as the issuer spells it, without the query; the Host header has no say."""
        return environment.current().issuer_origin + self.path

    @property
    def peer(self) -> str:
        """The address of the caller, behind the trusted proxies."""
        return client_ip.of(self.environ)

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body; empty unless this is a POST."""
        return self._parameters.single if self.method == "POST" else {}

    @property
    def args(self) -> dict[str, str]:
        """The parameters of the query; empty for a POST."""
        return {} if self.method == "POST" else self._parameters.single

    def required(self, name: str) -> str:
        """Return a parameter of ours; raise InvalidRequest naming it when absent."""
        value = self._parameters.single.get(name)
        if value is None:
            sentence = f"The parameter {name} is missing."
            raise errors.InvalidRequest(sentence)
        return value

    def optional(self, name: str) -> str | None:
        """Return a parameter, or None when it is absent or empty."""
        return self._parameters.single.get(name)

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a parameter that may repeat (`resource`)."""
        return self._parameters.repeated.get(name, ())


def of_machine(environ: Environ) -> ProtocolRequest:
    """Read a request of a machine endpoint; raises InvalidRequest at the first fault."""
    limits = policy.current().requests
    query = environ.get("QUERY_STRING", "")
    if len(query) > limits.max_query:
        raise errors.UriTooLong
    if environ["REQUEST_METHOD"] == "POST":
        if query:
            sentence = "Send the parameters in the body, not in the query."
            raise errors.InvalidRequest(sentence)
        parameters = _form(environ, _body(environ, limits.max_body))
    else:
        parameters = forms.parse(query, limits)
    if parameters.fault:
        raise parameters.fault
    return ProtocolRequest(environ, parameters)


def of_json(environ: Environ) -> ProtocolRequest:
    """Read a request of a machine endpoint that takes JSON; raises InvalidRequest at any fault.

    Its parameters are those of the query, its `document` the one JSON object of a POST or PUT.
    """
    limits = policy.current().requests
    query, method = environ.get("QUERY_STRING", ""), environ["REQUEST_METHOD"]
    if len(query) > limits.max_query:
        raise errors.UriTooLong
    if method == "POST" and query:
        raise errors.InvalidRequest("This request takes no query.")
    parameters = forms.parse(query, limits)
    if parameters.fault:
        raise parameters.fault
    asked = ProtocolRequest(environ, parameters)
    if method in {"POST", "PUT"}:
        asked.document = _document(environ, _body(environ, limits.max_body), limits.max_body)
    return asked


def _document(environ: Environ, body: bytes, longest: int) -> dict[str, Any]:
    if not _is_of_kind(environ, _JSON):
        raise errors.InvalidRequest(f"The body must be {_JSON} in UTF-8.")
    try:
        document = json_text.read(body.decode(), longest=longest, deepest=_DEEPEST)
    except ValueError as fault:
        sentence = "The body must be a JSON object, each member once, without control characters."
        raise errors.InvalidRequest(sentence) from fault
    if not isinstance(document, dict):
        raise errors.InvalidRequest("The body must be a JSON object.")
    return document


def of_page(page: HttpRequest) -> ProtocolRequest:
    """Read a request of a page; its `fault` is left to the page, which may know where to show it.

    Faulty parameters are absent from it. A POST may carry no query: it would be merged by someone.
    """
    limits = policy.current().requests
    environ: Environ = page.META
    query = environ.get("QUERY_STRING", "")
    try:
        if len(query) > limits.max_query:
            raise errors.UriTooLong
        if environ["REQUEST_METHOD"] == "POST":
            _length(environ, limits.max_body)
            parameters = _form(environ, page.body)
        else:
            parameters = forms.parse(query, limits)
    except errors.InvalidRequest as fault:
        parameters = forms.Form({}, {}, fault)
    except (RawPostDataException, UnreadablePostError):
        parameters = forms.Form({}, {}, errors.InvalidRequest("The body cannot be read."))
    return ProtocolRequest(environ, parameters)


def _form(environ: Environ, body: bytes) -> forms.Form:
    if not body:
        return forms.EMPTY
    if not _is_of_kind(environ, _FORM):
        sentence = f"The body must be {_FORM} in UTF-8."
        raise errors.InvalidRequest(sentence)
    return forms.parse(body, policy.current().requests)


def _is_of_kind(environ: Environ, wanted: str) -> bool:
    kind, _, options = environ.get("CONTENT_TYPE", "").partition(";")
    charset = options.strip().lower().replace('"', "").replace(" ", "")
    return kind.strip().lower() == wanted and charset in {"", "charset=utf-8", "charset=utf8"}


def _length(environ: Environ, most: int) -> int | None:
    """Return the announced length, None when there is none; raise on a bad or too large one."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if not announced:
        return None
    if not (announced.isascii() and announced.isdecimal()):
        sentence = "Content-Length is not a number."
        raise errors.InvalidRequest(sentence)
    if len(announced) > 12 or int(announced) > most:
        raise errors.RequestTooLarge
    return int(announced)


def _body(environ: Environ, most: int) -> bytes:
    length = _length(environ, most)
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""  # nothing was announced, and reading on could wait for ever
    try:
        body: bytes = environ["wsgi.input"].read(most + 1 if length is None else length)
    except OSError as fault:
        sentence = "The body cannot be read."
        raise errors.InvalidRequest(sentence) from fault
    if len(body) > most:
        raise errors.RequestTooLarge
    if length is not None and len(body) < length:
        sentence = "The body is shorter than its Content-Length."
        raise errors.InvalidRequest(sentence)
    return body
