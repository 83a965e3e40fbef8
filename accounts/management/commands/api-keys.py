"""API keys from the command line: make one, list them, revoke one."""  # noqa: N999  the command's name

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import api_keys
from accounts.api import scopes
from config import policy, policy_file

_LONGEST = timedelta(days=3650)


class Command(BaseCommand):
    """`manage.py api-keys make|list|revoke`."""

    help = "Make, list or revoke the API keys of programs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb and what it needs."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print one JSON object")
        verbs = parser.add_subparsers(dest="verb", required=True)
        make = verbs.add_parser("make", parents=[common], help="make a key and print it, once")
        make.add_argument("owner", help="the client or service it is for; it has two at most")
        make.add_argument(
            "--scope", required=True, action="append", choices=scopes.FOR_PROGRAMS, dest="scopes"
        )
        make.add_argument("--expires-in", help="such as 30d; by default as the policy says")
        verbs.add_parser("list", parents=[common], help="list the keys, without their secrets")
        revoke = verbs.add_parser("revoke", parents=[common], help="end a key at once")
        revoke.add_argument("key", help="its id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        match options["verb"]:
            case "make":
                done = _make(options)
            case "list":
                self._list(is_json=options["json"])
                return
            case _:
                done = _revoke(options["key"])
        if options["json"]:
            self.stdout.write(json.dumps(done))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in done.items()))

    def _list(self, *, is_json: bool) -> None:
        listed = api_keys.every()
        if is_json:
            self.stdout.write(json.dumps({"api_keys": listed}))
            return
        for one in listed:
            state = f"until {one['expires_at']}" if one["is_active"] else "over"
            used = one["last_used_at"] or "never"
            self.stdout.write(
                f"{one['id']}  {one['owner']}  [{one['scope']}]  {state}, last used: {used}"
            )


def _make(options: dict[str, Any]) -> dict[str, Any]:
    lifetime = _lifetime(options["expires_in"])
    try:
        key_id, key = api_keys.make(options["owner"], set(options["scopes"]), lifetime=lifetime)
    except api_keys.RefusedError as fault:
        raise CommandError(str(fault)) from None
    return {
        "id": key_id,
        "api_key": key,
        "scope": " ".join(sorted(set(options["scopes"]))),
        "expires_in": int(lifetime.total_seconds()),
    }


def _lifetime(text: str | None) -> timedelta:
    if text is None:
        return policy.current().api.key_lifetime
    try:
        lifetime = policy_file.duration(text)
    except ValueError as fault:
        raise CommandError(f"--expires-in {text} {fault}") from None
    if not timedelta(0) < lifetime <= _LONGEST:
        raise CommandError(f"--expires-in {text} is not between 1s and 3650d.")
    return lifetime


def _revoke(key_id: str) -> dict[str, Any]:
    if not api_keys.revoke(key_id):
        raise CommandError(f"There is no key {key_id} that counts.")
    return {"id": key_id, "revoked": True}
