"""What is wrong with the configuration: all of it at once, in words an operator can act on."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXIT_STATUS = 78  # EX_CONFIG of sysexits.h: a supervisor need not start us again


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One wrong setting. `value` is shown as it is: never put a secret there."""

    key: str
    problem: str
    value: str | None = None
    allowed: str = ""
    see: str = ""

    def __str__(self) -> str:
        head = self.key if self.value is None else f"{self.key} = {self.value!r}"
        lines = [head, *(f"  {line}" for line in self.problem.splitlines())]
        if self.allowed:
            lines.append(f"  Allowed: {self.allowed}")
        if self.see:
            lines.append(f"  See {self.see}")
        return "\n".join(f"  {line}" for line in lines)


class MisconfiguredError(Exception):
    """The deployment cannot start as it is configured."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.key for fault in faults))
        self.faults = tuple(faults)

    def report(self) -> str:
        """Return the whole list, ready for a terminal."""
        count = len(self.faults)
        head = "1 setting needs" if count == 1 else f"{count} settings need"
        blocks = "\n\n".join(str(fault) for fault in self.faults)
        return f"authserver cannot start: {head} your attention.\n\n{blocks}\n"

    def as_json(self) -> list[dict[str, str | None]]:
        """Return the same list for programs."""
        return [
            {
                "key": fault.key,
                "value": fault.value,
                "problem": fault.problem,
                "allowed": fault.allowed,
                "see": fault.see,
            }
            for fault in self.faults
        ]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean X?` for the nearest known word, or an empty text."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f" Did you mean {near[0]}?" if near else ""
