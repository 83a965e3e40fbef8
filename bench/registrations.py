"""Who is registered for a load, on either side: the clients, the person, their secrets."""

REDIRECT = "http://127.0.0.1:9/callback"
EMAIL = "bench@example.com"
PASSWORD = "Bench-7-loopback-person"
SECRET = "as_cs_Zm9yLW9uZS1iZW5jaG1hcmstb24tbG9vcGJhY2stMDE"
OPAQUE = "opaque"
HOUR = 3600
RATES = """\
[throttle]
token = "100000/s 1000000/m 10000000/h 100000000/d"
token_failures = "100000/s 1000000/m 10000000/h 100000000/d"
token_failures_address = "100000/s 1000000/m 10000000/h 100000000/d"
introspection = "100000/s 1000000/m 10000000/h 100000000/d"
revocation = "100000/s 1000000/m 10000000/h 100000000/d"
userinfo = "100000/s 1000000/m 10000000/h 100000000/d"
documents = "100000/s 1000000/m 10000000/h 100000000/d"
login = "100000/s 1000000/m 10000000/h 100000000/d"
login_address = "100000/s 1000000/m 10000000/h 100000000/d"
login_global = "100000/s 1000000/m 10000000/h 100000000/d"
"""
"""Four windows each, as by default, and none that a load fills."""


def clients(opaque: str) -> list[dict[str, object]]:
    """Return the registrations; tokens outlive a run, `bench-brief`'s do not."""
    web: dict[str, object] = {
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": [REDIRECT],
        "scope": "openid read offline_access",
        "skip_consent": True,
        "token_lifetimes": {"access_token": HOUR},
    }
    brief: dict[str, object] = {
        **web,
        "grant_types": ["authorization_code"],
        "scope": "openid read",
        "token_lifetimes": {"access_token": 2},
    }
    machine: dict[str, object] = {"grant_types": ["client_credentials"], "scope": "read"}
    members: dict[str, dict[str, object]] = {
        "bench-machine": machine,
        "bench-opaque": {**machine, "resources": [opaque]},
        "bench-web": web,
        "bench-brief": brief,
        "bench-api": {"grant_types": [], "scope": "", "may_introspect": True},
    }
    return [{"client_id": name, "client_secret": SECRET, **of} for name, of in members.items()]
