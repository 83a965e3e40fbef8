"""config.health, config.diagnosis, config.clock and config.checks: what an operator is told."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import OperationalError

from config import (
    answer,
    checks,
    clock,
    diagnosis,
    environment,
    health,
    mail,
    mail_url,
    policy,
    roots,
)
from config.diagnosis import State
from config.policy import (
    Lifetimes,
    Passwords,
    Policy,
    Refresh,
    Registration,
    RegistrationMode,
    Responses,
    Transport,
)
from config.rates import Throttle
from config.variables import Mode


def by_token(**changes: Any) -> Registration:
    return Registration(mode=RegistrationMode.TOKEN, **changes)


def ask(probe: answer.Machine, method: str = "GET") -> tuple[int, Any]:
    answered = probe({"REQUEST_METHOD": method})
    kind = dict(answered.headers)["Content-Type"]
    return answered.status, json.loads(answered.body) if "json" in kind else answered.body


class TestProbes:
    @pytest.fixture(autouse=True)
    def own_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ours = {"database": health.database, "migrations": health.migrations}
        monkeypatch.setattr(health, "_NEEDS", ours)

    def test_a_living_process_says_so(self) -> None:
        assert ask(health.livez) == (200, {"status": "ok"})

    def test_a_ready_one_says_why(self) -> None:
        checks_ = {"database": "ok", "migrations": "ok"}
        assert ask(health.readyz) == (200, {"status": "ok", "checks": checks_})

    def test_one_need_that_is_not_met_is_named(self) -> None:
        health.need("signing key", lambda: "There is none.")
        status, told = ask(health.readyz)
        assert (status, told["status"]) == (503, "unavailable")
        assert told["checks"] == {
            "database": "ok",
            "migrations": "ok",
            "signing key": "There is none.",
        }

    @pytest.mark.parametrize("fault", [OperationalError("at 10.1.2.3"), RuntimeError("10.1.2.3")])
    def test_a_check_that_breaks_is_not_met_and_gives_nothing_away(self, fault: Exception) -> None:
        def broken() -> str | None:
            raise fault

        health.need("broken", broken)
        status, told = ask(health.readyz)
        assert status == 503
        assert "10.1.2.3" not in str(told)

    def test_an_alarm_stays_until_it_is_taken_back(self) -> None:
        health.alarm("history", "The database went back.")
        assert ask(health.readyz)[0] == 503
        health.calm("history")
        assert ask(health.readyz)[0] == 200

    @pytest.mark.parametrize("method", ["POST", "DELETE", "PROPFIND"])
    def test_other_methods_are_refused(self, method: str) -> None:
        assert ask(health.livez, method)[0] == 405


class TestClock:
    def test_now_is_plausible(self) -> None:
        assert clock.fault() is None
        assert clock.fault_beside_database() is None

    def test_a_clock_before_the_installation_is_not(self) -> None:
        with time_machine.travel("2001-01-01"):
            assert "The clock says 2001-01-01" in str(clock.fault())

    @pytest.mark.leg("servers")
    def test_nor_is_one_far_from_the_databases(self) -> None:
        with time_machine.travel(timedelta(hours=1)):
            assert "ahead of the database" in str(clock.fault_beside_database())


class TestDoctor:
    def test_it_looks_at_everything(self) -> None:
        found = {each.name: each for each in diagnosis.look(online=False)}
        assert list(found) == [
            "configuration",
            "data folder",
            "database",
            "cache",
            "clock",
            "outbox",
            "password hashing",
            "password blocklist",
        ]
        assert {each.name for each in found.values() if each.state is State.FAILED} == set()
        costs = found["password hashing"].sentence
        assert re.search(r"\(t=1, m=1 MiB, p=1\) takes \d+ ms; .* about \d+ a second", costs)

    def test_a_file_of_known_passwords_is_looked_at(self, tmp_path: Path) -> None:
        path = tmp_path / "known"
        for text, state in (("a\nb\n", State.OK), ("b\na\n", State.FAILED)):
            path.write_text(text)
            with environment.replaced(password_blocklist_file=path):
                found = {each.name: each for each in diagnosis.look(online=False)}
            assert found["password blocklist"].state is state

    def test_it_prints_json(self) -> None:
        out = io.StringIO()
        call_command("doctor", "--json", stdout=out)
        assert {each["state"] for each in json.loads(out.getvalue())["findings"]} <= {
            "ok",
            "warning",
        }

    def test_an_issuer_nobody_answers_at_fails_it(self) -> None:
        out = io.StringIO()
        with (
            environment.replaced(issuer="http://127.0.0.1:9"),
            pytest.raises(SystemExit, match="1"),
        ):
            call_command("doctor", "--online", stdout=out)
        assert "FAILED  issuer" in out.getvalue()

    def test_a_folder_others_can_read_is_named(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        with environment.replaced(data_dir=tmp_path):
            found = {each.name: each for each in diagnosis.look(online=False)}
        assert found["data folder"].state is State.WARNING
        assert "chmod" in found["data folder"].sentence


class TestDeployChecks:
    @pytest.fixture(autouse=True)
    def sound(self, tmp_path: Path) -> Iterator[None]:
        tmp_path.chmod(0o700)
        with (
            environment.replaced(
                mode=Mode.PRODUCTION,
                issuer="https://id.example.com",
                data_dir=tmp_path,
                database_url="postgresql://db.example/x?sslmode=verify-full",
                redis_url="rediss://redis.example",
                email_url=mail_url.parse("smtp://mail.example"),
            ),
            policy.replaced(**{name: getattr(Policy(), name) for name in ("passwords",)}),
        ):
            yield

    def ids(self) -> set[str | None]:
        found = [*checks.deployment(), *checks.permissions()]
        return {each.id for each in found} - {"authserver.I001"}

    def test_a_sound_deployment_passes(self) -> None:
        assert self.ids() == set()

    @pytest.mark.parametrize(
        ("changes", "id_"),
        [
            ({"mode": Mode.DEVELOPMENT}, "authserver.E001"),
            ({"issuer": "http://id.example.com"}, "authserver.E002"),
            ({"issuer": "https://localhost"}, "authserver.W001"),
            ({"database_url": "postgresql://db.example/x?sslmode=require"}, "authserver.E004"),
            ({"redis_url": "redis://redis.example"}, "authserver.W002"),
            ({"trusted_proxies": (ip_network("0.0.0.0/0"),)}, "authserver.E005"),
            ({"email_url": None}, "authserver.E006"),
            ({"redis_url": ""}, "authserver.W009"),
            ({"host": "192.0.2.1"}, "authserver.W010"),
            ({"allowed_private_hosts": frozenset({"rp.internal"})}, "authserver.W011"),
        ],
    )
    def test_each_weakness_of_the_place_has_its_id(self, changes: dict[str, Any], id_: str) -> None:
        with environment.replaced(**changes):
            assert self.ids() == {id_}

    def test_a_trusted_proxy_in_front_takes_the_slow_bodies(self) -> None:
        with environment.replaced(host="::", trusted_proxies=(ip_network("10.0.0.7/32"),)):
            assert self.ids() == set()

    @pytest.mark.parametrize(
        "url", ["postgresql://127.0.0.1/x", "postgresql:///x?host=/run/pg", "sqlite:////x/y"]
    )
    def test_a_near_database_needs_no_tls(self, url: str) -> None:
        with environment.replaced(database_url=url):
            assert self.ids() == set()

    def test_a_readable_data_folder_is_a_hole(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o750)
        assert self.ids() == {"authserver.E003"}

    @pytest.mark.parametrize(
        ("changes", "id_"),
        [
            ({"lifetimes": Lifetimes(access_token=timedelta(hours=2))}, "authserver.W004"),
            ({"lifetimes": Lifetimes(code=timedelta(minutes=5))}, "authserver.W005"),
            ({"refresh": Refresh(grace=timedelta(minutes=1))}, "authserver.W006"),
            ({"passwords": Passwords(argon2_memory_kib=8192)}, "authserver.E007"),
            ({"passwords": Passwords(min_length=8)}, "authserver.W007"),
            ({"transport": Transport(hsts_max_age=timedelta(days=1))}, "authserver.W008"),
            ({"responses": Responses(danger_access_token_in_url=True)}, "authserver.E008"),
            ({"responses": Responses(danger_native_consent_kept=True)}, "authserver.W012"),
            ({"responses": Responses(danger_popups=True)}, "authserver.W013"),
            ({"throttle": Throttle(danger_off=True)}, "authserver.E030"),
            ({"throttle": Throttle(is_shadow=True)}, "authserver.W031"),
            ({"registration": Registration(mode=RegistrationMode.OPEN)}, "authserver.W020"),
            ({"registration": by_token(danger_client_credentials=True)}, "authserver.E021"),
            ({"registration": by_token(danger_pkce_optional=True)}, "authserver.W022"),
            ({"registration": by_token(danger_front_channel_tokens=True)}, "authserver.W023"),
            ({"registration": by_token(danger_token_endpoint_audience=True)}, "authserver.W024"),
        ],
    )
    def test_each_weakness_of_the_policy_has_its_id(
        self, changes: dict[str, Any], id_: str
    ) -> None:
        with policy.replaced(**changes):
            assert self.ids() == {id_}


class TestMail:
    def letter(self) -> EmailMessage:
        return EmailMessage("Your code", "123456", "no-reply@localhost", ["a@example.com"])

    def test_the_desk_prints_and_keeps_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with environment.replaced(data_dir=tmp_path):
            assert mail.Desk().send_messages([self.letter()]) == 1
        assert "123456" in capsys.readouterr().out
        assert b"123456" in next((tmp_path / "mail").iterdir()).read_bytes()

    def test_nowhere_logs_that_it_was_dropped_and_not_what(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert mail.Nowhere().send_messages([self.letter()]) == 0
        assert "AUTHSERVER_EMAIL_URL" in caplog.text
        assert "123456" not in caplog.text

    @pytest.mark.parametrize(
        ("url", "port", "tls"),
        [
            ("smtp://mail.example", 587, mail_url.Tls.STARTTLS),
            ("smtp://m%40e:p%2Fw@mail.example?tls=implicit", 465, mail_url.Tls.IMPLICIT),
            ("smtp://127.0.0.1:1025/?tls=none", 1025, mail_url.Tls.NONE),
        ],
    )
    def test_a_mail_server_is_taken_apart(self, url: str, port: int, tls: mail_url.Tls) -> None:
        server = mail_url.parse(url)
        assert (server.port, server.tls) == (port, tls)
        if server.user:
            assert (server.user, server.password) == ("m@e", "p/w")
        options = mail_url.mailer(server, is_production=True)["OPTIONS"]
        assert (options["use_tls"], options["use_ssl"]) == (
            tls is mail_url.Tls.STARTTLS,
            tls is mail_url.Tls.IMPLICIT,
        )

    @pytest.mark.parametrize("url", ["", "smtp://", "smtp://h/x", "smtp://h?x=1", "smtp://h:p"])
    def test_a_bad_mail_url_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"is not|has an unknown"):
            mail_url.parse(url)


def test_replacing_the_surroundings_ends_with_the_block() -> None:
    before = environment.current()
    with environment.replaced(issuer="https://x.example"):
        assert environment.current() == replace(before, issuer="https://x.example")
    assert environment.current() is before
    assert roots.FILE_NAME in {path.name for path in before.data_dir.iterdir()}
