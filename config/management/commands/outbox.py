"""`manage.py outbox`: what waits to be delivered, what was given up, and what to do about it."""

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.outbox import upkeep

UNDELIVERED = ("waiting", "sending", "dead")


class Command(BaseCommand):
    """`manage.py outbox list|retry|drop`, for what the server sends by itself: mail, logouts."""

    help = "List, retry or drop what this server sends by itself: mail, notices of logout."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb."""
        common = CommandParser(add_help=False)
        common.add_argument("--json", action="store_true", help="print JSON")
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("list", parents=[common], help="show what is not delivered")
        show.add_argument("--dead", action="store_true", help="only what was given up")
        show.add_argument("--delivered", action="store_true", help="what was delivered too")
        show.add_argument("--limit", type=int, default=100, help="how many at most (100)")
        for verb, about in (
            ("retry", "try again now, with all tries before it"),
            ("drop", "remove it, undelivered"),
        ):
            which = verbs.add_parser(verb, parents=[common], help=about)
            which.add_argument("ids", nargs="*", type=int, metavar="ID", help="from the list")
            which.add_argument("--dead", action="store_true", help="everything that was given up")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        if options["verb"] == "list":
            self._list(options)
            return
        if bool(options["ids"]) == options["dead"]:
            raise CommandError("Name deliveries by their ID, or say --dead for all given up.")
        too_large = [each for each in options["ids"] if not 0 < each < 2**63]
        if too_large:
            raise CommandError(f"There is no delivery {too_large[0]}.")
        act = upkeep.retry if options["verb"] == "retry" else upkeep.drop
        count = act(None if options["dead"] else options["ids"])
        done = {"retry": "retried", "drop": "dropped"}[options["verb"]]
        self.stdout.write(json.dumps({done: count}) if options["json"] else f"{done}: {count}")
        if options["ids"] and count < len(set(options["ids"])):
            raise CommandError("The others are delivered, being delivered or not there.")

    def _list(self, options: dict[str, Any]) -> None:
        states = ("dead",) if options["dead"] else UNDELIVERED
        if options["delivered"]:
            states = (*states, "delivered")
        found = list(upkeep.shown(states, max(0, options["limit"])))
        if options["json"]:
            rows = [dataclasses.asdict(each) for each in found]
            self.stdout.write(json.dumps(rows, default=str, indent=2))
            return
        for each in found:
            said = each.log.strip().rpartition("\n")[2]
            self.stdout.write(
                f"{each.id}  {each.state:<9} {each.kind} → {each.target}"
                f"  put {each.put_at:%Y-%m-%d %H:%M:%S}, tries {each.tries}"
                + (f", next {each.due_at:%H:%M:%S}" if each.state == "waiting" else "")
                + (f"\n    {said}" if said else "")
            )
        if not found:
            self.stdout.write("Nothing is waiting." if not options["dead"] else "Nothing is dead.")
