"""RFC 9325 §3 and §4 — what our samples for nginx, Caddy and systemd say to who reads them."""

import configparser
import re

import pytest

from config import faults, policy, variables
from config.policy import Requests
from tests import tree
from tests.deploy import reading
from tests.deploy.reading import Block

pytestmark = pytest.mark.spec("RFC 9325 §4.2")
GOOD_SUITE = re.compile(r"(TLS_)?ECDHE[-_](ECDSA|RSA)[-_](WITH_)?(AES[-_]?\d+[-_]GCM|CHACHA20).*")
FORWARDED = {
    ("Host", "$http_host"),
    ("X-Forwarded-For", "$remote_addr"),
    ("X-Forwarded-Proto", "$scheme"),
    ("X-Forwarded-Host", ""),
}


def locations() -> list[Block]:
    found = [each for each in reading.nginx().all() if each.heading[:1] == ("location",)]
    return [each for each in found if each.values("proxy_pass")]


def secured() -> Block:
    (found,) = [each for each in reading.nginx().named("server") if each.values("ssl_certificate")]
    return found


class TestNginx:
    def test_tls(self) -> None:
        servers = [
            each
            for each in reading.nginx().named("server")
            if any("ssl" in listen for listen in each.values("listen"))
        ]
        assert len(servers) == 2, "the versions of an address are those of its default server"
        for each in servers:
            assert each.values("ssl_protocols") == [("TLSv1.2", "TLSv1.3")]
            ((suites,),) = each.values("ssl_ciphers")
            assert [one for one in suites.split(":") if not GOOD_SUITE.fullmatch(one)] == []
        assert secured().values("ssl_session_tickets") == [("off",)]

    def test_every_name_that_is_not_ours_is_turned_away(self) -> None:
        (other,) = [
            each for each in reading.nginx().named("server") if each.values("ssl_reject_handshake")
        ]
        assert all("default_server" in each for each in other.values("listen"))

    def test_who_asks_is_told_by_nginx_alone(self) -> None:
        assert len(locations()) == 4
        for each in locations():
            told = {(name, value) for name, value in each.values("proxy_set_header")}
            assert told >= FORWARDED, each.heading

    def test_paths_and_headers_are_the_servers_matter(self) -> None:
        for block in reading.nginx().all():
            names = {line[0] for line in block.lines}
            assert not names & {"rewrite", "return", "add_header", "sub_filter", "proxy_redirect"}
            for (address,) in block.values("proxy_pass"):
                assert re.fullmatch(r"http://[a-z.]+", address), "no path behind it"

    def test_slow_and_large_requests_end_there(self) -> None:
        server = secured()
        assert server.values("proxy_request_buffering") == [("on",)]
        assert server.values("client_max_body_size") == [(_size(Requests().max_body),)]
        ((_, line),) = server.values("large_client_header_buffers")
        assert int(line.removesuffix("k")) * 1024 > Requests().max_query
        for name in ("client_body_timeout", "client_header_timeout", "send_timeout"):
            ((seconds,),) = server.values(name)
            assert int(seconds.removesuffix("s")) <= 15
        assert ("off",) in [
            line for each in locations() for line in each.values("proxy_next_upstream")
        ]


def _size(count: int) -> str:
    return f"{count // 1024}k"


class TestCaddy:
    def test_tls(self) -> None:
        (tls,) = [each for each in reading.caddy().all() if each.heading == ("tls",)]
        assert tls.values("protocols") == [("tls1.2", "tls1.3")]
        (suites,) = tls.values("ciphers")
        assert [each for each in suites if not GOOD_SUITE.fullmatch(each)] == []

    def test_both_ways_in_lead_to_the_server(self) -> None:
        sites = {each.heading[0]: each for each in reading.caddy().blocks if each.heading}
        for site in ("http://id.example.com", "https://id.example.com"):
            assert ("import", "authserver") in sites[site].lines, site
        (options,) = [each for each in reading.caddy().blocks if not each.heading]
        assert options.values("auto_https") == [("disable_redirects",)]

    def test_slow_and_large_requests_end_there(self) -> None:
        found = {line[0]: line[1:] for each in reading.caddy().all() for line in each.lines}
        assert found["request_buffers"] == ("64KiB",)
        assert found["max_size"] == ("64KB",)
        assert found["read_body"] <= ("15s",)
        assert found["max_header_size"] == ("64KB",)
        assert not set(found) & {"rewrite", "uri", "redir", "trusted_proxies", "handle_path"}
        assert found["header_up"] == ("-X-Forwarded-Host",)


class TestSystemd:
    @pytest.fixture
    def unit(self) -> configparser.RawConfigParser:
        parser = configparser.RawConfigParser(strict=False)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(reading.FOLDER / "systemd/authserver.service", encoding="utf-8")
        return parser

    def test_a_wrong_configuration_is_not_tried_for_ever(
        self, unit: configparser.RawConfigParser
    ) -> None:
        assert unit["Service"]["RestartPreventExitStatus"] == str(faults.EXIT_STATUS)
        assert unit["Service"]["ExecReload"].split()[1] == "-HUP"

    def test_it_may_little(self, unit: configparser.RawConfigParser) -> None:
        service = unit["Service"]
        assert service["User"] not in {"", "root"}
        assert service["ProtectSystem"] == "strict"
        assert service["NoNewPrivileges"] == "yes"
        assert service["CapabilityBoundingSet"] == ""
        assert service["UMask"] == "0077"


def test_every_setting_that_is_named_exists() -> None:
    known = {variables.name_of(each) for each in variables.VARIABLES}
    known |= {f"{each}_FILE" for each in known}
    for path in reading.FOLDER.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert set(re.findall(r"\bAUTHSERVER_[A-Z_]+\b", text)) <= known, path
            for part, field in re.findall(r"\b(requests)\.(\w+)", text):
                assert hasattr(getattr(policy.Policy(), part), field), path


def test_operations_leads_to_each() -> None:
    text = (tree.ROOT / "docs/operations.md").read_text(encoding="utf-8")
    for path in reading.FOLDER.rglob("*"):
        if path.is_file():
            assert f"../{path.relative_to(tree.ROOT)}" in text, path
