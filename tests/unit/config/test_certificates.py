"""config.certificates: what can serve, what cannot and why, and what somebody should renew."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519

from config import certificates, diagnosis, environment
from config.diagnosis import State
from config.faults import MisconfiguredError
from tests import certificates as making
from tests.unit.config import listener

MINE = making.ec_key()
OTHER = making.ec_key()
CERT = making.certificate(MINE)
KEY = making.key_pem(MINE)


@pytest.mark.parametrize(
    "make", [making.ec_key, making.rsa_key, ed25519.Ed25519PrivateKey.generate]
)
def test_every_kind_of_key_that_tls_knows(tmp_path: Path, make: Callable[[], making.Key]) -> None:
    key = make()
    found = certificates.read(
        *making.lay(tmp_path, making.pem(making.certificate(key, "a", "b")), making.key_pem(key))
    )
    assert found.names == ("a", "b")


@pytest.mark.parametrize("make", [making.ec_key, making.rsa_key])
def test_older_forms_of_a_key(tmp_path: Path, make: Callable[[], making.Key]) -> None:
    key = make()
    old = making.key_pem(key, "old")
    found = certificates.read(*making.lay(tmp_path, making.pem(making.certificate(key)), old))
    assert found.names == making.NAMES


@pytest.mark.parametrize("form", ["pkcs8", "old"])
def test_both_in_one_file(tmp_path: Path, form: Literal["pkcs8", "old"]) -> None:
    file = tmp_path / "both.pem"
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    for text in ((key := making.key_pem(MINE, form)) + making.pem(CERT), making.pem(CERT) + key):
        file.write_bytes(text)
        assert certificates.read(file, file).names == making.NAMES
    file.write_bytes(parameters + text)
    assert certificates.read(file, file).names == making.NAMES, "as openssl ecparam writes it"


def test_a_chain_begins_with_ones_own(tmp_path: Path) -> None:
    above = making.certificate(OTHER, "authority")
    found = certificates.read(*making.lay(tmp_path, making.pem(CERT, above), KEY))
    assert found.names == making.NAMES


WEAK = making.rsa_key(1024)
STRANGE = dsa.generate_private_key(2048)
UNUSABLE: dict[str, tuple[bytes, bytes, str, str]] = {
    "no certificate": (b"x", KEY, "tls_cert_file", "no certificate in PEM"),
    "only a key": (KEY, KEY, "tls_cert_file", "no certificate in PEM"),
    "broken": (making.pem(CERT)[:300], KEY, "tls_cert_file", "no certificate in PEM"),
    "empty": (b"", KEY, "tls_cert_file", "no certificate in PEM"),
    "no key": (making.pem(CERT), making.pem(CERT), "tls_key_file", "no private key in PEM"),
    "half a key": (making.pem(CERT), KEY[:90], "tls_key_file", "no private key in PEM"),
    "locked": (making.pem(CERT), making.key_pem(MINE, password=b"x"), "tls_key_file", "openssl"),
    "locked, old": (
        making.pem(CERT),
        making.key_pem(MINE, "old", password=b"x"),
        "tls_key_file",
        "encrypted",
    ),
    "another key": (making.pem(CERT), making.key_pem(OTHER), "tls_key_file", "does not belong"),
    "upside down": (
        making.pem(making.certificate(OTHER), CERT),
        KEY,
        "tls_cert_file",
        "begins with another",
    ),
    "weak": (
        making.pem(making.certificate(WEAK)),
        making.key_pem(WEAK),
        "tls_key_file",
        "1024 bits",
    ),
    "strange": (
        making.pem(making.certificate(STRANGE)),
        making.key_pem(STRANGE),
        "tls_key_file",
        "of a kind",
    ),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_serve_stops_the_start_with_the_way_out(tmp_path: Path, name: str) -> None:
    cert, key, field, told = UNUSABLE[name]
    cert_file, key_file = making.lay(tmp_path, cert, key)
    with pytest.raises(MisconfiguredError) as stopped:
        environment.load(
            {
                "AUTHSERVER_DATA_DIR": str(tmp_path / "var"),
                "AUTHSERVER_TLS_CERT_FILE": str(cert_file),
                "AUTHSERVER_TLS_KEY_FILE": str(key_file),
            }
        )
    (fault,) = stopped.value.faults
    assert fault.key == f"AUTHSERVER_{field.upper()}"
    assert told in fault.problem
    assert "PRIVATE" not in stopped.value.report()


def test_a_file_that_goes_away_is_told(tmp_path: Path) -> None:
    cert, key = making.lay(tmp_path, making.pem(CERT), KEY)
    key.unlink()
    with pytest.raises(certificates.UnusableError, match="cannot be read"):
        certificates.read(cert, key)
    cert.unlink()
    with pytest.raises(certificates.UnusableError, match="cannot be read"):
        certificates.read(cert, key)


def test_a_stamp_changes_with_what_a_link_leads_to(tmp_path: Path) -> None:
    one, two, link = tmp_path / "1", tmp_path / "2", tmp_path / "live"
    assert certificates.stamp(link) == (None,)
    one.write_text("same")
    two.write_text("same")
    link.symlink_to(one)
    before = certificates.stamp(link)
    assert certificates.stamp(link) == before
    link.unlink()
    link.symlink_to(two)
    assert certificates.stamp(link) != before


@pytest.mark.parametrize(
    ("name", "host", "is_covered"),
    [
        ("id.example.com", "ID.example.com", True),
        ("*.example.com", "id.example.com", True),
        ("*.example.com", "a.id.example.com", False),
        ("*.example.com", "example.com", False),
        ("example.com", "id.example.com", False),
        ("127.0.0.1", "127.0.0.1", True),
    ],
)
def test_whom_it_is_for(name: str, host: str, is_covered: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    found = certificates.Certificate(
        names=(name,), begins=now - making.DAY, expires=now + 90 * making.DAY
    )
    assert (found.warning(host, now) is None) is is_covered


class TestDoctor:
    @pytest.mark.parametrize(
        ("days", "began", "state"),
        [
            (60, -30, State.OK),
            (25, -65, State.OK),
            (20, -70, State.WARNING),  # of 90 days, 22 are a quarter
            (20, -345, State.WARNING),
            (100, -265, State.OK),
            (4, -2, State.OK),  # of those that live six days
            (1.4, -4.6, State.WARNING),
            (-1, -30, State.FAILED),
            (30, 1, State.WARNING),
        ],
    )
    def test_it_warns_before_the_end(
        self, tmp_path: Path, days: float, began: float, state: State
    ) -> None:
        cert = making.certificate(MINE, days=days, began=dt.timedelta(days=began))
        files = making.lay(tmp_path, making.pem(cert), KEY)
        assert self.looked(*files).state is state

    def test_it_warns_of_another_name(self, tmp_path: Path) -> None:
        cert = making.certificate(MINE, "id.example.com")
        found = self.looked(*making.lay(tmp_path, making.pem(cert), KEY))
        assert (found.state, "id.example.com" in found.sentence) == (State.WARNING, True)

    def test_it_warns_of_a_key_that_all_can_read(self, tmp_path: Path) -> None:
        cert, key = making.lay(tmp_path, making.pem(CERT), KEY)
        key.chmod(0o644)
        found = self.looked(cert, key)
        assert (found.state, "chmod" in found.sentence) == (State.WARNING, True)

    def test_it_fails_for_what_became_unusable(self, tmp_path: Path) -> None:
        assert self.looked(*making.lay(tmp_path, b"x", KEY)).state is State.FAILED

    def looked(self, cert: Path, key: Path) -> diagnosis.Finding:
        with environment.replaced(tls_cert_file=cert, tls_key_file=key):
            return {each.name: each for each in diagnosis.look(online=False)}["certificate"]


@pytest.mark.parametrize(
    ("name", "is_trusted", "state"),
    [
        ("localhost", True, State.OK),
        ("localhost", False, State.FAILED),
        ("id.example.com", True, State.FAILED),
    ],
)
def test_online_it_looks_at_what_people_are_shown(
    tmp_path: Path, name: str, is_trusted: bool, state: State
) -> None:
    made = listener.certified(tmp_path, name)
    with listener.listening(listener.silent, context=made.context) as server:
        trusted = made.authority if is_trusted else None
        with environment.replaced(issuer=f"https://localhost:{server.port}", extra_ca_file=trusted):
            found = diagnosis._tried("issuer's certificate", diagnosis._issuers_certificate)
    assert found.state is state, found.sentence
