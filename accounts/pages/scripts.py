"""Which scripts of ours a page loads: each once, however many parts of the page want it."""

from django.http import HttpRequest

from config import csp

_LOADED = "_authserver_scripts"


def is_first(request: HttpRequest, name: str) -> bool:
    """Let the page run our scripts; tell whether this part is the first that wants this one."""
    csp.allow_own_script(request)
    loaded: frozenset[str] = getattr(request, _LOADED, frozenset())
    setattr(request, _LOADED, loaded | {name})
    return name not in loaded
