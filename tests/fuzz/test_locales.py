"""Languages made up by strangers: any number of them is forgotten again."""

import gc
import logging
import secrets
import sys
from pathlib import Path

import pytest

from tests.rp import RelyingParty

pytestmark = [
    pytest.mark.leg("sqlite"),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]
TIMES = 600
MOST = 20 * 1024 * 1024


def resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def visit(rp: RelyingParty, times: int) -> None:
    for _ in range(times):
        made_up = "-".join(secrets.token_hex(4) for _ in range(100))
        asked = rp.asking(ui_locales=f"{made_up} {secrets.token_hex(3)}", claims_locales=made_up)
        headers = {"Accept-Language": f"{made_up},{secrets.token_hex(1000)};q=0.5"}
        assert rp.door.get(rp.url(asked), headers=headers).status_code in {200, 303}


def test_languages_nobody_speaks_do_not_stay(rp: RelyingParty) -> None:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # pytest keeps every line
    try:
        visit(rp, TIMES // 4)
        usual = resident()
        visit(rp, TIMES)
        assert resident() - usual < MOST
    finally:
        logging.disable(before)
