"""`manage.py doctor`: is everything this deployment needs there and well?"""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import diagnosis
from config.diagnosis import State

MARKS = {State.OK: "ok     ", State.WARNING: "warning", State.FAILED: "FAILED "}


class Command(BaseCommand):
    """Look at everything and say it in sentences; the exit status is 1 when something failed.

    The configuration itself is judged before any command runs, with exit status 78.
    """

    help = "Check configuration, data folder, database, cache, clock and password hashing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--online", action="store_true", help="also ask the issuer's own address"
        )

    def handle(self, **options: Any) -> None:
        """Print the findings."""
        findings = diagnosis.look(online=options["online"])
        if options["json"]:
            rows = [
                {"name": each.name, "state": each.state.value, "sentence": each.sentence}
                for each in findings
            ]
            self.stdout.write(json.dumps({"findings": rows}, indent=2))
        else:
            for each in findings:
                self.stdout.write(f"{MARKS[each.state]} {each.name}: {each.sentence}")
        if any(each.state is State.FAILED for each in findings):
            sys.exit(1)
