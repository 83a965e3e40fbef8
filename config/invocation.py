"""How a person calls `manage.py` here: with the Python that this process runs on."""

import sys
from pathlib import Path

from config.environment import ROOT_FOLDER


def manage(command: str) -> str:
    """Return the line to type for a command, from this project's folder."""
    python = Path(sys.executable)
    # Elsewhere the path says more of this machine than a public page should.
    short = python.relative_to(ROOT_FOLDER) if python.is_relative_to(ROOT_FOLDER) else "python"
    return f"{short} manage.py {command}"
