"""`manage.py explain`: why a request failed, by the reference somebody was shown."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authserver import failures, models


class Command(BaseCommand):
    """`manage.py explain REFERENCE [--json]`; an X-Request-Id will do as well."""

    help = "Explain a failed request: what was received, what was expected, and what to do."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("reference", help="as in 7K3M-Q2XD, or the X-Request-Id of the answer")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what is known."""
        found = failures.find(options["reference"])
        if found is None:
            raise CommandError(
                "This reference is not known: mistyped, too old, or only in the log (see"
                " docs/operations.md#when-something-is-wrong)."
            )
        self.stdout.write(json.dumps(failures.plain(found)) if options["json"] else _text(found))


def _text(found: models.Failure) -> str:
    """Return an explanation for a terminal."""
    when = f"{found.created_at:%Y-%m-%d %H:%M:%S} UTC"
    who = f"client {found.client_id or '(none)'}  request {found.request_id or '(none)'}"
    lines = [
        f"{found}  {when}  {found.endpoint}  {who}",
        f"{found.error}: {found.description} ({found.clause})",
    ]
    for each in found.findings:
        mark = "✗" if each["is_fault"] else "✓"
        lines += ["", f"{mark} {each['parameter']} {each['verdict']}"]
        names = ("received", "expected", "clause", "fix") if each["is_fault"] else ("received",)
        lines += [f"    {name:<9} {each[name] or '(nothing)'}" for name in names]
    return "\n".join(lines)
