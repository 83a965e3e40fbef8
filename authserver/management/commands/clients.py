"""Clients from the command line: add, list, show, give a new secret, import, remove."""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authserver import importing, registrar, registry

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
    """`manage.py clients add|list|show|rotate-secret|import|remove`."""

    help = "Register, show, change and remove clients."

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
            case _:
                done = {"removed": _known(registrar.remove(options["client_id"]), options)}
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
    if isinstance(done, list):
        return "\n".join(
            f"{each['client_id']}  {each['client_name']}  ({each['token_endpoint_auth_method']})"
            + ("" if each["is_active"] else "  disabled")
            for each in done
        )
    return "\n".join(f"{name}: {_plain(value)}" for name, value in done.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
