"""JWTs that have broken servers: deep, huge, unsigned, mistyped."""

import base64
import json
from typing import Any

from config import environment


def _b64(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def tokens(client_id: str = "x") -> dict[str, str]:
    """Return JWTs that have broken servers; presented as assertions they name this client."""
    issuer = environment.current().issuer
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "exp": 2**31, "jti": "j"}
    body = _b64(claims)
    heads: dict[str, Any] = {
        "alg none": {"alg": "none"},
        "alg missing": {"typ": "JWT"},
        "alg a number": {"alg": 5},
        "alg a list": {"alg": ["ES256"]},
        "alg HS256": {"alg": "HS256"},
        "crit": {"alg": "ES256", "crit": ["b64"], "b64": False},
        "embedded jwk": {"alg": "ES256", "jwk": {"kty": "oct", "k": "AA"}},
        "jku": {"alg": "ES256", "jku": "http://127.0.0.1:1/"},
        "kid a list": {"alg": "ES256", "kid": [1]},
        "kid NUL": {"alg": "ES256", "kid": "\0"},
        "zip": {"alg": "ES256", "zip": "DEF"},
        "a list": [],
        "a number": 5,
        "not JSON": "{",
        "deep": "[" * 5_000,
        "deep object": '{"a":' * 2_000,
        "typ a number": {"alg": "ES256", "typ": 5},
    }
    bodies: dict[str, Any] = {
        "deep": "[" * 5_000,
        "deep object": '{"a":' * 2_000 + "1" + "}" * 2_000,
        "huge number": '{"exp": ' + "9" * 6_000 + "}",
        "infinity": '{"iss": "x", "sub": "x", "exp": 1e999}',
        "NaN": '{"iss": "x", "sub": "x", "exp": NaN}',
        "surrogate": '{"iss": "\\ud800", "sub": "\\ud800"}',
        "NUL": '{"iss": "\\u0000", "sub": "\\u0000"}',
        "iss a list": '{"iss": ["x"], "sub": ["x"]}',
        "a list": "[1]",
        "not UTF-8": "\udcff",
    }
    found = {f"head {name}": f"{_b64(head)}.{body}.AAAA" for name, head in heads.items()}
    for name, each in bodies.items():
        text = each.encode("utf-8", "surrogateescape")
        part = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
        found[f"body {name}"] = f"{_b64({'alg': 'ES256'})}.{part}.AAAA"
    return found | {
        "empty parts": "..",
        "five parts": "a.b.c.d.e",
        "not base64": "!.!.!",
        "60 000 characters": "a" * 30_000 + "." + "b" * 30_000 + ".c",
        "without signature": f"{_b64({'alg': 'ES256'})}.{body}.",
    }
