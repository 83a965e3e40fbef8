"""What tokens feel of people who sign in: `python -m bench.logins [seconds] [connections]`.

Two connections ask for tokens, alone at first, then beside many that guess passwords of people who
do not exist (each costs one hash). Tokens shall hardly wait longer, and who does not get a turn for
a password is answered at once.
"""

import html
import itertools
import re
import sys
import threading
from collections import Counter

from bench import stage, wire
from bench.contestants import Contestant
from bench.stage import On
from bench.wire import Load, Script

_NUMBERS = itertools.count()


def main() -> None:
    """Measure on both databases, and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    for on in On:
        with stage.set_up(on, rival=False) as set_:
            who = set_.contestants["ours"]
            alone = wire.run(who.port, _tokens(who), seconds=seconds)
            floods: list[Load] = []
            guessing = [_guesses(who) for _ in range(connections)]
            flood = threading.Thread(
                target=lambda who=who, guessing=guessing, floods=floods: floods.append(
                    wire.run(who.port, guessing, seconds=seconds + 1)
                )
            )
            flood.start()
            beside = wire.run(who.port, _tokens(who), seconds=seconds)
            flood.join()
        print(f"{on.value}: tokens alone {_told(alone)}")
        print(f"{on.value}: tokens beside {connections} who sign in {_told(beside)}")
        print(f"{on.value}: {_guessed(floods[0])}")


def _tokens(who: Contestant) -> list[Script]:
    def again() -> Script:
        while True:
            yield who.client_credentials()

    return [again(), again()]


def _guesses(who: Contestant) -> Script:
    page = yield wire.request("GET", who.paths.login, who.page())
    cookies = re.findall(rb"(?im)^set-cookie: *([^;\r]*)", page.head)
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
    token = html.unescape(found[1].decode()) if found else ""
    headers = {**who.page(), "Cookie": b"; ".join(cookies).decode()}
    while True:
        fields = {
            "csrfmiddlewaretoken": token,
            who.paths.login_name: f"nobody-{next(_NUMBERS)}@example.com",
            "password": "Wrong-Horse7battery",
        }
        yield wire.form(who.paths.login, fields, headers)


def _told(load: Load) -> str:
    times = sorted(load.latencies)
    half, most = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
    failed = f", {len(load.failures)} failed" if load.failures else ""
    return f"{load.rate:.0f}/s, half within {half:.1f} ms, 99 % within {most:.1f} ms{failed}"


def _guessed(load: Load) -> str:
    refused = Counter(one.status for one in load.failures)
    others = ", ".join(f"{count} times {status}" for status, count in sorted(refused.items()))
    return f"{load.rate:.1f} passwords/s looked at; {others or 'nobody'} asked to come back"


if __name__ == "__main__":
    main()
