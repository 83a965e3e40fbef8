"""OIDC Registration §2 — members of client metadata that are fine alone and cannot be together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from authserver import client_auth, client_secrets, redirects
from authserver.grants import native_sso
from tokens import jwe

Values = Mapping[str, Any]
Rule = tuple[bool, str, str]  # whether it is broken, by which member, in what words


def found(values: Values) -> list[tuple[str, str]]:
    """Return member and sentence of everything that does not fit."""
    faults = [
        (member, sentence)
        for rules in _RULES
        for is_broken, member, sentence in rules(values)
        if is_broken
    ]
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for position, uri in enumerate(values[name]):
            sentence = redirects.fault(uri, is_native=values["application_type"] == "native")
            faults += [(f"{name}[{position}]", sentence)] if sentence else []
    return faults


def hosts(redirect_uris: list[str]) -> set[str]:
    """Return the hosts of redirect URIs; a private-use scheme stands for itself."""
    return {_split(uri)[1] or uri.partition(":")[0] for uri in redirect_uris}


def _of_grants(values: Values) -> Iterator[Rule]:
    grants, scope = values["grant_types"], set(values["scope"].split())
    types = {word for each in values["response_types"] for word in each.split()}
    has_code, has_tokens = "authorization_code" in grants, "implicit" in grants
    is_idle = not grants and not values["may_introspect"]
    yield is_idle, "grant_types", "must not be empty, but for a client that only introspects"
    yield (
        (has_code or has_tokens) and not values["redirect_uris"],
        "redirect_uris",
        "must not be empty",
    )
    yield has_code != ("code" in types), "response_types", "must fit grant_types"
    yield (
        has_tokens != bool(types & {"id_token", "token"}),
        "response_types",
        "with id_token need the grant type implicit, and it needs them",
    )
    yield (
        not set(values["default_scope"].split()) <= scope,
        "default_scope",
        "must be part of scope",
    )


def _of_application(values: Values) -> Iterator[Rule]:
    is_web = values["application_type"] == "web"
    web = [_split(uri) for uri in values["redirect_uris"]]
    is_unsafe = any(scheme != "https" or host == "localhost" for scheme, host, _ in web)
    yield (
        is_web and "implicit" in values["grant_types"] and is_unsafe,
        "redirect_uris",
        "of a web application with the grant type implicit must be https, and not localhost",
    )
    uri = values["frontchannel_logout_uri"]
    yield (
        bool(uri) and _split(uri) not in web,
        "frontchannel_logout_uri",
        "must have scheme, host and port of a redirect URI",
    )
    for channel in ("frontchannel", "backchannel"):
        yield (
            values[f"{channel}_logout_session_required"] and not values[f"{channel}_logout_uri"],
            f"{channel}_logout_session_required",
            f"needs {channel}_logout_uri",
        )


def _of_subjects(values: Values) -> Iterator[Rule]:
    yield (
        values["subject_type"] == "pairwise"
        and not values["sector_identifier_uri"]
        and len(hosts(values["redirect_uris"])) > 1,
        "sector_identifier_uri",
        "is needed for pairwise subjects with redirect URIs on several hosts",
    )


def _of_authentication(values: Values) -> Iterator[Rule]:
    method, secret = values["token_endpoint_auth_method"], values.get("client_secret")
    is_public, is_shared = method == "none", method == "client_secret_jwt"
    algorithm = values["token_endpoint_auth_signing_alg"]
    is_useless = bool(secret) and method in {"none", "private_key_jwt"}
    is_unfit = is_shared and bool(secret) and not client_secrets.can_be_hmac_key(str(secret))
    has_keys = _has_keys(values)
    yield (
        method == "private_key_jwt" and not has_keys,
        "jwks",
        "or jwks_uri is needed for this token_endpoint_auth_method",
    )
    yield is_useless, "client_secret", "has no use with this token_endpoint_auth_method"
    yield is_unfit, "client_secret", "must be plain, with at least 32 bytes, for client_secret_jwt"
    yield (
        bool(algorithm) and not _fits(method, algorithm),
        "token_endpoint_auth_signing_alg",
        "must fit token_endpoint_auth_method",
    )
    yield (
        is_public and "client_credentials" in values["grant_types"],
        "grant_types",
        "holds client_credentials, which needs a client that can authenticate",
    )


def _of_keys(values: Values) -> Iterator[Rule]:
    yield (
        values["jwks"] is not None and bool(values["jwks_uri"]),
        "jwks_uri",
        "must not come with jwks: the keys are in one place (RFC 7591 §2)",
    )
    for name in ("require_signed_request_object", "request_object_signing_alg"):
        is_lacking = bool(values[name]) and not _has_keys(values)
        yield is_lacking, name, "needs jwks or jwks_uri"
    for kind in ("id_token", "userinfo"):
        alg, enc = (f"{kind}_encrypted_response_{part}" for part in ("alg", "enc"))
        yield bool(values[enc]) and not values[alg], enc, f"needs {alg}"
        is_known = bool(values["jwks_uri"]) or not values[alg]
        yield (
            not is_known and not jwe.has_key(values["jwks"] or {}, values[alg]),
            alg,
            "needs a key for it, in jwks or at jwks_uri",
        )


def _of_switches(values: Values) -> Iterator[Rule]:
    is_public = values["token_endpoint_auth_method"] == "none"
    # Anything on the device can claim a private scheme, or listen on a loopback port.
    is_claimable = values["application_type"] == "native"
    yield is_public and not values["rotation"], "rotation", "must be on for a public client"
    yield is_public and bool(values["may_introspect"]), "may_introspect", "needs a secret or a key"
    yield (
        bool(values["native_sso_group"]) and not is_claimable,
        "native_sso_group",
        "is for native applications",
    )
    yield (
        native_sso.TOKEN_EXCHANGE in values["grant_types"] and not values["native_sso_group"],
        "grant_types",
        "holds token exchange, which needs a native_sso_group",
    )
    yield (
        values["skip_consent"] and is_claimable,
        "skip_consent",
        "must be off for a native application: any other on the device can claim its address",
    )


def _has_keys(values: Values) -> bool:
    return bool(values["jwks"] or values["jwks_uri"])


def _fits(method: str, algorithm: str) -> bool:
    if method == "client_secret_jwt":
        return algorithm in client_auth.SHARED_ALGORITHMS
    return method == "private_key_jwt" and algorithm in client_auth.KEY_ALGORITHMS


def _split(uri: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port; nothing for what is no URI, of which others complain."""
    try:
        parts = urlsplit(uri)
        usual = {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, parts.hostname or "", parts.port or usual
    except ValueError:
        return "", "", None


_RULES: Final[tuple[Callable[[Values], Iterator[Rule]], ...]] = (
    _of_grants,
    _of_application,
    _of_subjects,
    _of_authentication,
    _of_keys,
    _of_switches,
)
