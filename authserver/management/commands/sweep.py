"""`manage.py sweep`: remove what nothing refers to any more, announce due keys."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import deletion, history, mailed_proofs, sessions, trusted_browsers
from authserver import failures, initial_tokens, self_registered
from config.outbox import upkeep
from tokens import keys, sweep

_STEP = 500


class Command(BaseCommand):
    """`manage.py sweep [--json]`: in small steps, while the server runs."""

    help = (
        "Remove expired grants, sessions, links, marks and deliveries; announce keys that are due."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep, and say how many rows went."""
        counts = sweep.run()
        counts["accounts_session"] = _emptied(sessions.sweep)
        counts["accounts_user"] = _emptied(deletion.sweep)
        counts["accounts_event"] = _emptied(history.sweep)
        counts["accounts_trustedbrowser"] = _emptied(trusted_browsers.sweep)
        counts["accounts_mailedproof"] = _emptied(mailed_proofs.sweep)
        counts["config_delivery"] = _emptied(upkeep.sweep)
        counts["authserver_client"] = self_registered.remove_unused()
        counts["authserver_failure"] = _emptied(failures.sweep)
        counts["authserver_initialtoken"] = initial_tokens.sweep()
        counts["keys announced"] = len(keys.rotate_due())
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write("\n".join(f"{table}: {count}" for table, count in counts.items()))


def _emptied(step: Callable[[int], int]) -> int:
    total = 0
    while count := step(_STEP):
        total += count
    return total
