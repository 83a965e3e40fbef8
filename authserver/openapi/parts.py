"""OpenAPI 3.1 §4.8 — what descriptions of our endpoints are made of: forms, answers, errors."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from authserver import errors, limits
from authserver.errors import ProtocolError

Part = dict[str, Any]
"""A piece of the description."""
Fault = type[ProtocolError]
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
JWT: Final = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTkwYzJmNCJ9.c2lnbmF0dXJl"
HTML: Final = "text/html; charset=utf-8"
ANYWHERE: Final[tuple[Fault, ...]] = (
    errors.InvalidRequest,
    errors.RequestTooLarge,
    errors.UriTooLong,
    limits.TooManyRequests,
    errors.ServerError,
    errors.TemporarilyUnavailable,
)
"""What any machine endpoint may have to say."""
CLIENT: Final[tuple[Fault, ...]] = (errors.InvalidClient,)
"""What an endpoint says besides that authenticates clients."""
TOKEN: Final[tuple[Fault, ...]] = (errors.MissingToken, errors.InvalidToken)
"""What an endpoint says besides that wants an access token."""
_STANDING: Final = (
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("RateLimit-Policy", "RateLimit"),
)
_TEXT: Final[Part] = {"type": "string"}
_COUNT: Final[Part] = {"type": "string", "pattern": r"^-?\d+$"}
_HEADERS: Final[Mapping[str, tuple[str, Part]]] = {
    "X-Request-ID": ("The name of this exchange in the server's log.", _TEXT),
    "X-RateLimit-Limit": ("How many requests the tightest window admits.", _COUNT),
    "X-RateLimit-Remaining": ("How many of them are left.", _COUNT),
    "X-RateLimit-Reset": ("The epoch second at which more of it is free.", _COUNT),
    "RateLimit-Policy": ("Every window: its name, quota `q` and length `w` in seconds.", _TEXT),
    "RateLimit": ("The tightest window: what remains `r`, and for how long `t`.", _TEXT),
    "Retry-After": ("In how many seconds to ask again.", _COUNT),
    "WWW-Authenticate": ("How to prove who asks, and what was wrong with it.", _TEXT),
    "ETag": ("Names this state of it, for If-Match.", _TEXT),
    "Link": ("RFC 8288: the parts of the list around this one.", _TEXT),
    "Allow": ("The methods there are.", _TEXT),
    "Location": ("Where to go on.", {"type": "string", "format": "uri-reference"}),
}
HEADERS_SHOWN: Final[Part] = {
    name: {"description": words, "schema": kind} for name, (words, kind) in _HEADERS.items()
}
"""Every header that an answer may be described with."""


def ref(kind: str, name: str) -> Part:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def headers(*names: str) -> Part:
    """Return references to described headers."""
    return {name: ref("headers", name) for name in names}


def content(schema: Part, examples: Mapping[str, Any], kind: str = JSON) -> Part:
    """Return a body of one kind, with named examples."""
    shown = {name: {"value": value} for name, value in examples.items()}
    return {kind: {"schema": schema, "examples": shown}}


def form(schema: Part, examples: Mapping[str, Any], kind: str = FORM) -> Part:
    """Return the body of a request."""
    return {"required": True, "content": content(schema, examples, kind)}


def answer(description: str, body: Part | None = None, *more: str) -> Part:
    """Return an answer that went well; `more` are the headers it has besides the usual ones."""
    found = {
        "description": description,
        "headers": headers("X-Request-ID", *more),
    }
    return found | ({"content": body} if body else {})


def counted(description: str, body: Part | None = None, *more: str) -> Part:
    """Return an answer to somebody who is counted, and told so."""
    return answer(description, body, *_STANDING, *more)


def faults(kinds: Iterable[Fault]) -> Part:
    """Return the answers of everything that may go wrong, by status, from the tree of errors."""
    by_status: dict[int, dict[str, Fault]] = defaultdict(dict)
    for kind in dict.fromkeys((*kinds, *ANYWHERE)):
        by_status[int(kind.status_code)][kind.__name__] = kind
    return {str(status): _fault(status, known) for status, known in sorted(by_status.items())}


def _fault(status: int, kinds: Mapping[str, Fault]) -> Part:
    named = {name: kind for name, kind in kinds.items() if kind.error}
    sentences = [f"`{kind.error}`: {_what_to_do(kind)}" for kind in named.values()]
    if len(named) < len(kinds):
        sentences.insert(0, "Without credentials the body is empty.")
    body = content(
        ref("schemas", "OAuthError"),
        {name: _example(kind) for name, kind in named.items()},
    )
    more = {
        HTTPStatus.UNAUTHORIZED: ["WWW-Authenticate"],
        HTTPStatus.FORBIDDEN: ["WWW-Authenticate"],
        HTTPStatus.TOO_MANY_REQUESTS: ["Retry-After", *_STANDING],
        HTTPStatus.SERVICE_UNAVAILABLE: ["Retry-After"],
    }
    return answer(" ".join(sentences), body, *more.get(HTTPStatus(status), []))


def _what_to_do(kind: Fault) -> str:
    return " ".join((kind.__doc__ or "").split())


def _example(kind: Fault) -> dict[str, str]:
    told = {"error": kind.error, "error_description": kind.description}
    return {name: value for name, value in told.items() if value}


def oauth_error() -> Part:
    """Return the schema of every error of the protocol: its codes are those of the tree."""
    codes = sorted({kind.error for kind in errors.tree() if kind.error})
    return {
        "type": "object",
        "description": "RFC 6749 §5.2: an error. Its sentence never holds what was sent.",
        "properties": {
            "error": {"type": "string", "enum": codes},
            "error_description": {"type": "string", "pattern": r"^[\x20-\x21\x23-\x5B\x5D-\x7E]*$"},
        },
        "required": ["error"],
    }
