"""What a start prints: where the server is, and what to do in the next minute."""

import json
import textwrap

from django.urls import reverse

from accounts.pages import mailbox
from authserver.serving import Prepared
from config import api_docs, environment, invocation


def banner(prepared: Prepared) -> str:
    """Return the text for a person."""
    here = environment.current()
    parts = [
        f"authserver is ready ({here.mode.value} mode).",
        _table(
            {
                "Issuer": here.issuer,
                "Discovery": f"{here.issuer}/.well-known/openid-configuration",
                **_api(),
                **_mail(),
                "Data": str(here.data_dir),
            }
        ),
    ]
    if prepared.setup_link:
        parts.append(
            "Set up the administrator (works once, for 30 minutes):\n"
            f"  {prepared.setup_link}\n"
            f"Another link: {invocation.manage('admin-link')}"
        )
    if prepared.demo is not None:
        parts += _demo(prepared)
    parts.append(f"Stop with Ctrl+C. Is everything well? {invocation.manage('doctor')}")
    return "\n" + "\n\n".join(parts) + "\n"


def _api() -> dict[str, str]:
    return {"API": api_docs.address(api_docs.PAGE_PATH)} if api_docs.is_offered() else {}


def _mail() -> dict[str, str]:
    address = environment.current().issuer_origin + reverse("mailbox")
    return {"Mail": address} if mailbox.is_there() else {}


def _demo(prepared: Prepared) -> list[str]:
    shown = prepared.demo
    if shown is None:
        return []
    return [
        f"Demo, in development only (to take it away: {invocation.manage('demo remove')}):\n"
        + _table(
            {
                "Person": f"{shown.person.email}  password {shown.person.password}",
                "Web client": f"{shown.web.client_id}  secret {shown.web.secret}",
                "Public client": shown.public.client_id,
            }
        ),
        "A token, right now:\n" + textwrap.indent(token_command(prepared), "  "),
        "and what the API learns about it:\n"
        + textwrap.indent(introspection_command(prepared), "  "),
    ]


def token_command(prepared: Prepared) -> str:
    """Return a `curl` that gets a token."""
    if prepared.demo is None:
        return ""
    machine = prepared.demo.machine
    return (
        f"curl -s {environment.current().issuer}/oauth2/token"
        f" -u {machine.client_id}:{machine.secret} -d grant_type=client_credentials"
    )


def introspection_command(prepared: Prepared) -> str:
    """Return a `curl` that gets a token and introspects it."""
    if prepared.demo is None:
        return ""
    api = prepared.demo.api
    cut = 'sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\''
    return (
        f"curl -s {environment.current().issuer}/oauth2/introspect"
        f" -u {api.client_id}:{api.secret} \\\n"
        f"  -d token=$({token_command(prepared)} | {cut})"
    )


def as_json(prepared: Prepared) -> str:
    """Return the same for a program."""
    here = environment.current()
    document: dict[str, object] = {
        "issuer": here.issuer,
        "discovery": f"{here.issuer}/.well-known/openid-configuration",
        "setup_link": prepared.setup_link or None,
    }
    if prepared.demo is not None:
        document["demo"] = prepared.demo.as_dict()
        document["curl"] = {
            "token": token_command(prepared),
            "introspect": introspection_command(prepared),
        }
    return json.dumps(document)


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows)) + 2
    return "\n".join(f"  {name:<{width}}{value}" for name, value in rows.items())
