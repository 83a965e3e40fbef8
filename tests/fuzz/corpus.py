"""What clients, scanners and attackers really send, by name; every one goes to every address.

Header values hold no control characters: RFC 9110 §5.5 has the web server refuse those, and
granian does.
"""

import gzip
import io
from collections.abc import Iterator, Mapping

from tests.fuzz import odd_headers, wire
from tests.fuzz.wire import CSRF, FORM, Sent

FIELDS = [
    "grant_type",
    "code",
    "redirect_uri",
    "client_id",
    "client_secret",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
    "client_assertion",
    "client_assertion_type",
    "token",
    "token_type_hint",
    "access_token",
    "response_type",
    "state",
    "nonce",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "request",
    "id_token_hint",
    "acr_values",
    "ui_locales",
    "claims",
    "claims_locales",
    "display",
    "request_uri",
    "registration",
    "interaction",
    "decision",
    "post_logout_redirect_uri",
    "login",
    "password",
    "password1",
    "name",
    "email",
    "key",
    "next",
    "action",
    "csrfmiddlewaretoken",
    "remember",
    "client_name",
    "q",
    "p",
    "o",
    "e",
    "all",
    "_popup",
    "_to_field",
    "_save",
    "_selected_action",
    "object_id",
    "index",
]
JSON = "application/json"
_LONG = 8 * 1024 * 1024


def requests(form: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    """Yield every hostile request; `form` and `headers` get a plain one as far as the view."""
    yield from _bodies(form, headers)
    yield from _values(form, headers)
    yield from _lengths(headers)
    yield from _methods(headers)
    yield from odd_headers.requests(headers)
    yield from _queries(headers)


def _encoded(fields: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def _bodies(form: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    plain = _encoded(form)
    yield "nothing", wire.posted(b"", headers)
    yield "raw NUL", wire.posted(plain + b"&a=\x00", headers)
    yield "raw high bytes", wire.posted(plain + b"&a=\xff\xfe&\x80=1", headers)
    yield "separators only", wire.posted(b"&&&===&;;&=", headers)
    yield "8 MB", wire.posted(plain + b"&pad=" + b"x" * _LONG, headers)
    yield "8 MB of separators", wire.posted(b"&" * _LONG, headers)
    yield "20 000 fields", wire.posted(b"&".join(b"f%d=1" % n for n in range(20_000)), headers)
    yield "60 000 bytes in one value", wire.posted(b"token=" + b"x" * 60_000, headers)
    for name, document in {
        "object": b'{"grant_type": "client_credentials"}',
        "list": b"[1, 2]",
        "deep": b"[" * 30_000,
        "huge number": b'{"scope": ' + b"9" * 30_000 + b"}",
        "surrogate": b'{"scope": "\\ud800"}',
    }.items():
        yield f"JSON {name}", wire.posted(document, headers, kind=JSON)
        yield f"JSON {name} called a form", wire.posted(document, headers)
    yield "XML", wire.posted(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', headers, kind="text/xml")
    yield "multipart", wire.posted(_multipart("token", b"x"), headers, kind=_MULTIPART)
    yield (
        "multipart with a file",
        wire.posted(_multipart('f"; filename="a', b"\0"), headers, _MULTIPART),
    )
    yield "multipart cut off", wire.posted(_multipart("a", b"x")[:40], headers, kind=_MULTIPART)
    yield "multipart without boundary", wire.posted(b"x", headers, kind="multipart/form-data")
    yield "multipart in base64", wire.posted(_base64_part(), headers, kind=_MULTIPART)
    odd = ["", ";", "/", "text", f"{FORM}; charset=utf-16", f"{FORM}; charset=bogus", "\xff"]
    for kind in [*odd, f"{FORM}; charset=\xff\xff", "a/b;" * 200, f"{FORM}, {JSON}"]:
        yield f"content type {kind[:40]!a}", wire.posted(plain, headers, kind=kind)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        stream.write(b"a=" + b"0" * 10_000_000)
    yield "gzip", wire.posted(packed.getvalue(), {"Content-Encoding": "gzip", **headers})


_MULTIPART = "multipart/form-data; boundary=b0"


def _multipart(name: str, value: bytes) -> bytes:
    token = f'Content-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{CSRF}\r\n--b0\r\n'
    head = f'--b0\r\n{token}Content-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n--b0--\r\n"


def _base64_part() -> bytes:
    head = 'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return f"--b0\r\n{head}!!!\r\n--b0--\r\n".encode()


_ESCAPED = {
    "NUL": "%00",
    "NUL inside": "a%00b",
    "bad UTF-8": "%ff%fe",
    "overlong": "%c0%80",
    "surrogate": "%ed%a0%80",
    "broken escape": "%zz",
    "line break": "%0d%0aSet-Cookie:%20a=b",
    "non-characters": "%ef%bf%bf%f4%8f%bf%bf",
    "quotes": "%22%27%3Cscript%3E%5C",
    "emoji": "%f0%9f%98%80",
    "9 000 characters": "x" * 9_000,
    "huge number": "9" * 5_000,
    "negative": "-1",
    "template": "%7B%7B7*7%7D%7D%25s%7B0%7D",
    "bidi": "%e2%80%ae",
    "spaces": "+++",
}


def _values(form: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    """Put each bad value into every field at once, in body and in query; and every field twice."""
    for name, value in _ESCAPED.items():
        fields = {field: value[: 60_000 // len(FIELDS)] for field in FIELDS}
        whole = _encoded(fields | dict(form))
        yield f"{name} in every field", wire.posted(whole, headers)
        yield f"{name} in every query field", Sent(query=_encoded(fields).decode(), headers=headers)
        yield f"{name} as a name", wire.posted(_encoded(form) + f"&{value}=1".encode(), headers)
    for field in FIELDS:
        twice = f"{field}=a&{field}=b"
        yield f"{field} twice", wire.posted(_encoded(form) + f"&{twice}".encode(), headers)
        yield f"{field} twice in the query", Sent(query=twice, headers=headers)
        for name in ("NUL", "bad UTF-8", "non-characters"):
            one = f"{field}={_ESCAPED[name]}"
            yield f"{name} in {field}", wire.posted(_encoded(form) + f"&{one}".encode(), headers)
            yield f"{name} in {field} of the query", Sent(query=one, headers=headers)


def _lengths(headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    body = b"grant_type=client_credentials"
    for length in [
        "0",
        "1",
        "99999",
        "-1",
        "+5",
        "1e3",
        " 5",
        "\u0665",
        "9" * 30,
        "0x10",
        "5, 5",
        "",
    ]:
        yield f"Content-Length {length[:10]!a}", wire.posted(body, headers, length=length or None)
    chunked = {"wsgi.input_terminated": True}
    plain = {"Transfer-Encoding": "chunked", **headers}
    yield "chunked", wire.posted(body, plain, length=None, environ=chunked)
    yield "chunked without end", wire.posted(b"x" * _LONG, plain, length=None, environ=chunked)
    yield "chunked and announced", wire.posted(body, plain, length="5", environ=chunked)


def _methods(headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    known = [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "post",
        "get",
        "Post",
    ]
    for method in [*known, "", "\x00", "G" * 5_000, "<b>"]:
        yield f"method {method[:10]!a}", Sent(method=method, headers=headers)
        yield (
            f"method {method[:10]!a} with a body",
            Sent(method=method, headers={"Content-Type": FORM, **headers}, body=b"a=1"),
        )
    asked = {"Origin": "https://x.example", "Access-Control-Request-Method": "POST", **headers}
    yield "preflight", Sent(method="OPTIONS", headers=asked)


def _queries(headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    for name, query in {
        "long": "a=" + "x" * 20_000,
        "100 000 characters": "a" * 100_000,
        "many fields": "&".join(f"a{n}=1" for n in range(3_000)),
        "raw NUL": "a=\x00",
        "raw high bytes": "a=\xff\xfe",
        "brackets": "a[]=1&a[b]=2&a.b=3&__proto__=1",
        "URL": "next=//evil.example&next=http://[&redirect_uri=http://[",
        "lookups": "password__startswith=a&id__in=1,2&pk=%00&secrets__value__gt=0",
    }.items():
        yield f"query {name}", Sent(query=query, headers=headers)
