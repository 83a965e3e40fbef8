"""Header values that have broken servers: Authorization, cookies, dates, what proxies add."""

import base64
from collections.abc import Iterator, Mapping

from tests.fuzz import bombs, wire
from tests.fuzz.wire import Sent


def requests(headers: Mapping[str, str]) -> Iterator[tuple[str, Sent]]:
    """Yield GETs and POSTs with odd headers beside the given ones."""
    secret = base64.b64encode(b"\xff\xfe:\xff").decode()
    authorizations = {
        "not UTF-8": f"Basic {secret}",
        "not base64": "Basic ????",
        "not ASCII": "Basic \xff\xff",
        "without colon": f"Basic {base64.b64encode(b'abc').decode()}",
        "NUL inside": f"Basic {base64.b64encode(b'a' + bytes(1) + b':b').decode()}",
        "escaped NUL": f"Basic {base64.b64encode(b'a%00:b%00').decode()}",
        "surrogates": f"Basic {base64.b64encode(b'a%ed%a0%80:b').decode()}",
        "long": f"Basic {'A' * 60_000}",
        "scheme only": "Basic",
        "Digest": 'Digest username="a"',
        "no scheme": "\xff",
        "Bearer only": "Bearer ",
        "Bearer tab": "Bearer \t",
        "Bearer long": "Bearer " + "a" * 60_000,
        "Bearer dots": "Bearer ....",
        "two": "Basic a, Basic b",
        **{f"Bearer {name}": f"Bearer {text}" for name, text in bombs.tokens().items()},
    }
    for name, value in authorizations.items():
        yield f"Authorization {name}", Sent(headers={**headers, "Authorization": value})
        yield (
            f"posted Authorization {name}",
            wire.posted(
                b"grant_type=client_credentials&token=x", {**headers, "Authorization": value}
            ),
        )
    cookies = [
        "as_session=\xff",
        "as_session=" + "a" * 60_000,
        "as_csrf=\xff",
        "as_browser=%00;;==",
        "=",
    ]
    kept = headers.get("Cookie", "")
    for cookie in cookies:
        yield f"Cookie {cookie[:20]!a}", Sent(headers={**headers, "Cookie": f"{kept}; {cookie}"})
    for name in (
        "Origin",
        "Referer",
        "Accept-Language",
        "User-Agent",
        "X-Request-Id",
        "Accept",
        "Range",
    ):
        for value in (
            "\xff\xfe",
            "\x00",
            "null",
            "x" * 60_000,
            "http://[",
            "a,b;q=x",
            "bytes=0-1,5-",
        ):
            yield f"{name} {value[:8]!a}", Sent(headers={**headers, name: value})
            yield f"posted {name} {value[:8]!a}", wire.posted(b"a=1", {**headers, name: value})
    for name in ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since"):
        for value in ("Thu, 99 Foo 0000 99:99:99 GMT", "\xff", "Thu, 01 Jan 0001 00:00:00 GMT"):
            yield f"{name} {value[:8]!a}", Sent(headers={**headers, name: value})
    yield "1 000 headers", Sent(headers={**headers, **{f"X-{n}": "a" * 100 for n in range(1_000)}})
    for forwarded in ("\xff", "a" * 9_000, "127.0.0.1, \t", "[::1", "1.2.3.4:x"):
        more = {
            "X-Forwarded-For": forwarded,
            "X-Forwarded-Proto": forwarded,
            "Forwarded": forwarded,
        }
        yield f"X-Forwarded-For {forwarded[:8]!a}", Sent(headers={**headers, **more})
