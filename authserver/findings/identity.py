"""Which client was meant: known, disabled, or the nearest to what was sent."""

import difflib
from typing import Final

from authserver import client_secrets, models
from authserver.clients import Client
from authserver.findings import finding
from authserver.findings.finding import Finding

_CLAUSE: Final = "RFC 6749 §4.1.1"
_MOST_COMPARED: Final = 100


def of(sent: str | None, client: Client | None) -> Finding:
    """Return what there is to say of a client_id; `client` is who has it, if anybody active."""
    verdict, fix = ("is registered", "") if client else _wrong(sent or "")
    return Finding(
        parameter="client_id",
        received=finding.shown(sent),
        expected="the client_id of an active client",
        verdict=verdict,
        clause=_CLAUSE,
        fix=fix,
    )


def _wrong(sent: str) -> tuple[str, str]:
    if not sent:
        return "is missing", "Send the client_id that was registered."
    if sent.startswith(client_secrets.PREFIX):
        return "is a client secret", "Send the client_id instead, and replace the secret."
    if models.Client.objects.filter(pk=sent).exists():
        return "is disabled", "Enable the client in the administration, if it is to be used again."
    near = _near(sent)
    meant = f" Did you mean {near}?" if near else ""
    return f"is not registered.{meant}", "Send the client_id that was registered, or register it."


def _near(sent: str) -> str:
    """Return the registered id that comes nearest, among as many as can be compared quickly."""
    trimmed = sent.strip()[:255]
    rows = models.Client.objects.order_by("pk").values_list("pk", flat=True)
    same = [*rows.filter(pk__iexact=trimmed)[:1], *rows.filter(name__iexact=trimmed)[:1]]
    if same:
        return same[0]
    known = {*rows.filter(pk__istartswith=trimmed[:3])[:_MOST_COMPARED], *rows[:_MOST_COMPARED]}
    by_case = {each.lower(): each for each in known}
    near = difflib.get_close_matches(trimmed.lower(), list(by_case), n=1, cutoff=0.6)
    return by_case[near[0]] if near else ""
