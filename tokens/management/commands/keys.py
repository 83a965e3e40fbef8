"""`manage.py keys`: the signing keys and where each is in its life; also a new root key."""

import base64
import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import policy
from tokens import instants, keys, vault
from tokens.models import SigningKey


class Command(BaseCommand):
    """`manage.py keys list|rotate|retire|reseal|new-root`."""

    help = "List, rotate and retire signing keys; seal them under a new root key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and what it needs."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print one JSON object")
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", parents=[common], help="show all keys")
        rotate = verbs.add_parser("rotate", parents=[common], help="announce the next key")
        rotate.add_argument("--alg", choices=keys.ALGORITHMS, help="only this algorithm")
        rotate.add_argument(
            "--at-once",
            action="store_true",
            help="sign with it now; who cached the key set fails until they look again",
        )
        retire = verbs.add_parser("retire", parents=[common], help="stop signing with a key now")
        retire.add_argument("kid")
        retire.add_argument(
            "--compromised",
            action="store_true",
            help="also take it out of the key set: every token it signed stops counting",
        )
        verbs.add_parser(
            "reseal", parents=[common], help="seal private keys under the first root key"
        )
        verbs.add_parser("new-root", parents=[common], help="print a new root key; stores nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        done = _run(options)
        if options["json"]:
            self.stdout.write(json.dumps(done))
            return
        for line in _lines(done):
            self.stdout.write(line)


def _run(options: dict[str, Any]) -> dict[str, Any]:
    match options["verb"]:
        case "list":
            return {"keys": _list()}
        case "rotate":
            chosen = [options["alg"]] if options["alg"] else list(keys.ALGORITHMS)
            return {"made": [keys.rotate(alg, at_once=options["at_once"]) for alg in chosen]}
        case "retire":
            return _retire(options["kid"], compromised=options["compromised"])
        case "reseal":
            return {"resealed": vault.reseal_all()}
        case _:
            return {"root_key": base64.b64encode(os.urandom(32)).decode()}


def _retire(kid: str, *, compromised: bool) -> dict[str, Any]:
    try:
        made = keys.retire(kid, compromised=compromised)
    except keys.UnknownKeyError:
        raise CommandError(f"There is no key {kid!r}; `manage.py keys list` shows them.") from None
    return {"retired": kid, "made": [made] if made else []}


def _list() -> list[dict[str, Any]]:
    moment = instants.now()
    rows = list(SigningKey.objects.order_by("alg", "active_at"))
    states = keys.states(rows, moment)
    kept = instants.micros(policy.current().keys.retain_for)
    shown = []
    for row in rows:
        end = keys.retired_at(row, rows, moment)
        is_gone = states[row.kid] is keys.State.COMPROMISED
        leaves = None if end is None or is_gone else instants.moment(end + kept).isoformat()
        shown.append(
            {
                "kid": row.kid,
                "alg": row.alg,
                "state": states[row.kid].value,
                "signs_from": row.active_at.isoformat(),
                "leaves_key_set": leaves,
                "opens": keys.private_der(row) is not None,
            }
        )
    return shown


def _lines(done: dict[str, Any]) -> list[str]:
    if "keys" in done:
        return [_line(key) for key in done["keys"]] or [
            "There are no keys; `manage.py start` makes them."
        ]
    return [
        f"{name}: {' '.join(value) if isinstance(value, list) else value}"
        for name, value in done.items()
    ]


def _line(key: dict[str, Any]) -> str:
    note = "" if key["opens"] else "  CANNOT BE OPENED: its root key is not here"
    until = f"  leaves the key set {key['leaves_key_set']}" if key["leaves_key_set"] else ""
    return f"{key['alg']:<6} {key['state']:<12}{key['kid']}  from {key['signs_from']}{until}{note}"
