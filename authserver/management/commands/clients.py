"""Clients from the command line: add, list, show, import, remove; and who may register others."""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authserver import importing, initial_tokens, registrar, registry, software_statements
from authserver.members import WrongError

_MOST_USES = 1_000_000
_MOST_DAYS = 3650
_PRESETS: Mapping[str, dict[str, Any]] = {
    "web": {"grant_types": ["authorization_code", "refresh_token"]},
    "public": {
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    },
    "machine": {"grant_types": ["client_credentials"]},
    "api": {"grant_types": [], "may_introspect": True, "scope": ""},
}


class Command(BaseCommand):
    """`manage.py clients add|list|show|rotate-secret|import|remove`, and dynamic registration."""

    help = "Register, show, change and remove clients; say who may register others."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and what it needs."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print one JSON document")
        one = CommandParser(add_help=False)
        one.add_argument("client_id")
        verbs = parser.add_subparsers(dest="verb", required=True)
        _arguments_of_add(verbs.add_parser("add", parents=[common], help="register a client"))
        verbs.add_parser("list", parents=[common], help="every client")
        verbs.add_parser("show", parents=[common, one], help="what is registered of one client")
        rotate = verbs.add_parser(
            "rotate-secret", parents=[common, one], help="a new secret, shown this once"
        )
        rotate.add_argument(
            "--keep-old-hours",
            type=float,
            default=registrar.KEEP_OLD_SECRET_FOR / timedelta(hours=1),
            help="how long the old secret works on (24)",
        )
        bring = verbs.add_parser(
            "import", parents=[common], help="register or change every client in a JSON list"
        )
        bring.add_argument("file", help="a JSON file, or - for standard input")
        verbs.add_parser(
            "remove",
            parents=[common, one],
            help="remove a client and end all that was issued to it",
        )
        _arguments_of_registration(verbs, common)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        match options["verb"]:
            case "add":
                done: Any = _add(options)
            case "list":
                done = registry.every()
            case "show":
                done = _known(registry.shown(options["client_id"]), options)
            case "rotate-secret":
                done = _rotate(options)
            case "import":
                done = self._import(options)
            case "remove":
                done = {"removed": _known(registrar.remove(options["client_id"]), options)}
            case _:
                done = _about_registration(options)
        self.stdout.write(json.dumps(done) if options["json"] else _readable(done))

    def _import(self, options: dict[str, Any]) -> dict[str, Any]:
        entries, problems = importing.read(_parsed(options["file"]))
        if problems and options["json"]:
            listed = [
                {"index": one.index, "member": one.member, "message": one.message}
                for one in problems
            ]
            self.stdout.write(json.dumps({"errors": listed}))
        if problems:
            lines = [f"[{one.index}] {one.member or '-'}: {one.message}" for one in problems]
            raise CommandError("\n".join(["Nothing was imported.", *lines]))
        done = importing.bring_in(entries)
        return {
            "created": done.created,
            "updated": done.updated,
            "unchanged": done.unchanged,
            "secrets": done.secrets,
        }


def _arguments_of_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("--kind", choices=sorted(_PRESETS), default="web", help="what it is (web)")
    add.add_argument("--id", dest="client_id", help="left out: one is made")
    add.add_argument("--name", dest="client_name")
    add.add_argument("--redirect-uri", dest="redirect_uris", action="append")
    add.add_argument("--logout-uri", dest="post_logout_redirect_uris", action="append")
    add.add_argument("--scope", help="what it may ask for, separated by spaces")
    add.add_argument("--auth-method", dest="token_endpoint_auth_method")
    add.add_argument("--jwks-file", help="its public keys, for private_key_jwt")
    add.add_argument("--resource", dest="resources", action="append")
    add.add_argument("--cors-origin", dest="cors_origins", action="append")
    add.add_argument("--skip-consent", action="store_true", default=None)
    add.add_argument("--metadata-file", help="anything else, as a JSON object of RFC 7591 metadata")


def _arguments_of_registration(verbs: Any, common: CommandParser) -> None:
    made = verbs.add_parser(
        "initial-token", parents=[common], help="a token to register clients with, shown this once"
    )
    made.add_argument("--uses", type=int, default=1, help="how many clients (1)")
    made.add_argument("--days", type=float, default=7, help="for how long (7)")
    made.add_argument("--note", default="", help="whom it is for")
    verbs.add_parser("initial-tokens", parents=[common], help="every initial access token")
    gone = verbs.add_parser("revoke-initial-token", parents=[common], help="end one by its name")
    gone.add_argument("name")
    trusted = verbs.add_parser(
        "trust-issuer", parents=[common], help="believe the software statements of an issuer"
    )
    trusted.add_argument("issuer")
    keys = trusted.add_mutually_exclusive_group(required=True)
    keys.add_argument("--jwks-file", help="its public keys")
    keys.add_argument("--jwks-uri", help="where its public keys are")
    verbs.add_parser("issuers", parents=[common], help="whose software statements are believed")
    never = verbs.add_parser("distrust-issuer", parents=[common], help="believe it no more")
    never.add_argument("issuer")


_MEMBERS = (
    "client_id",
    "client_name",
    "redirect_uris",
    "post_logout_redirect_uris",
    "scope",
    "token_endpoint_auth_method",
    "resources",
    "cors_origins",
    "skip_consent",
)


def _add(options: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(_PRESETS[options["kind"]])
    if options["metadata_file"]:
        more = _parsed(options["metadata_file"])
        metadata |= more if isinstance(more, dict) else {"metadata": more}
    if options["jwks_file"]:
        metadata["jwks"] = _parsed(options["jwks_file"])
    given = {name: options[name] for name in _MEMBERS}
    metadata |= {name: value for name, value in given.items() if value is not None}
    try:
        done = registrar.register(metadata)
    except registrar.RefusedError as refusal:
        lines = "\n".join(str(fault) for fault in refusal.faults)
        raise CommandError(f"The client was not registered.\n{lines}") from None
    shown = {"client_id": done.client_id}
    return shown | ({"client_secret": done.secret} if done.secret else {})


def _rotate(options: dict[str, Any]) -> dict[str, Any]:
    keep = timedelta(hours=max(options["keep_old_hours"], 0))
    secret = registrar.rotate_secret(options["client_id"], keep_old_for=keep)
    if secret is None:
        raise CommandError(f"No client {options['client_id']} keeps a secret.")
    return {"client_id": options["client_id"], "client_secret": secret}


def _about_registration(options: dict[str, Any]) -> Any:
    match options["verb"]:
        case "initial-token":
            return _initial_token(options)
        case "initial-tokens":
            return initial_tokens.every()
        case "revoke-initial-token":
            if not initial_tokens.revoke(options["name"]):
                raise CommandError("There is no such initial access token.")
            return {"revoked": options["name"]}
        case "trust-issuer":
            return _trust(options)
        case "issuers":
            return software_statements.every()
        case _:
            if not software_statements.distrust(options["issuer"]):
                raise CommandError("This issuer was not trusted.")
            return {"distrusted": options["issuer"]}


def _initial_token(options: dict[str, Any]) -> dict[str, Any]:
    uses, days = options["uses"], options["days"]
    if not (1 <= uses <= _MOST_USES and 0 < days <= _MOST_DAYS and len(options["note"]) <= 120):
        limits = f"1 to {_MOST_USES} uses, at most {_MOST_DAYS} days, a note of 120 characters"
        raise CommandError(f"An initial access token has {limits}.")
    name, token = initial_tokens.make(
        uses=uses, lifetime=timedelta(days=days), note=options["note"]
    )
    return {"name": name, "initial_access_token": token}


def _trust(options: dict[str, Any]) -> dict[str, Any]:
    file = options["jwks_file"]
    try:
        software_statements.trust(
            options["issuer"],
            jwks=_parsed(file) if file else None,
            jwks_uri=options["jwks_uri"] or "",
        )
    except WrongError as wrong:
        raise CommandError(f"The issuer is not trusted: its name or key set {wrong}.") from None
    return {"trusted": options["issuer"]}


def _known(found: Any, options: dict[str, Any]) -> Any:
    if not found:
        raise CommandError(f"There is no client {options['client_id']}.")
    return found


def _parsed(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as fault:
        raise CommandError(f"{name} cannot be read as JSON: {fault}") from None


def _readable(done: Any) -> str:
    if isinstance(done, list) and all("client_id" in each for each in done):
        return "\n".join(
            f"{each['client_id']}  {each['client_name']}  ({each['token_endpoint_auth_method']})"
            + ("" if each["is_active"] else "  disabled")
            for each in done
        )
    if isinstance(done, list):
        return "\n".join("  ".join(_plain(value) for value in each.values()) for each in done)
    return "\n".join(f"{name}: {_plain(value)}" for name, value in done.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
