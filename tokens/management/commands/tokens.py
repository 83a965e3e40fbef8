"""`manage.py tokens`: what a token is, and ending it. The token comes by standard input."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import logs
from tokens import access, grants, id_tokens, jws, refresh, revocation
from tokens.grants import Why


class Command(BaseCommand):
    """`manage.py tokens inspect|revoke`, by standard input: an argument would be seen."""

    help = "Explain or revoke the token given on standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print one JSON object")
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("inspect", parents=[common], help="say what it is and whether it counts")
        revoke = verbs.add_parser("revoke", parents=[common], help="end it")
        revoke.add_argument("--grant", help="end this grant (its gid) instead of a token")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        if options["verb"] == "revoke" and options["grant"]:
            done: dict[str, Any] = {"revoked": grants.end(options["grant"], why=Why.OPERATOR)}
            logs.security_event("revoked_by_operator", grant=options["grant"])
        else:
            text = sys.stdin.readline().strip()
            if not text:
                raise CommandError("Give the token on standard input.")
            done = _inspect(text) if options["verb"] == "inspect" else _revoke(text)
        if options["json"]:
            self.stdout.write(json.dumps(done))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in done.items()))


def _inspect(text: str) -> dict[str, Any]:
    found = refresh.find(text)
    if found is not None:
        return {"kind": "refresh token", "counts": True, **found.claims(sub=found.grant.subject)}
    token = access.find(text)
    if token is not None:
        return {"kind": "access token", "counts": True, **token.claims}
    claims = access.read(text)
    if claims is not None:
        return {"kind": "access token", "counts": False, "why": "revoked or cut off", **claims}
    hint = id_tokens.hint(text)
    if hint is not None:
        return {"kind": "ID token", **hint}
    if refresh.open(text) is not None:
        return {
            "kind": "refresh token",
            "counts": False,
            "why": "used, revoked, cut off or expired",
        }
    unverified = jws.unverified_claims(text)
    if unverified:
        return {"kind": "not ours, or expired", "counts": False, "unverified": unverified}
    return {"kind": "unknown", "counts": False}


def _revoke(text: str) -> dict[str, Any]:
    token = revocation.presented(text)
    if token is None:
        raise CommandError("This is not a token of this server, or it has expired.")
    revocation.revoke(token, why=Why.OPERATOR)
    logs.security_event("revoked_by_operator", client_id=token.client_id, grant=token.grant_id)
    what = "refresh token and its grant" if token.access_claims is None else "access token"
    return {"revoked": what, "client_id": token.client_id, "gid": token.grant_id or None}
