"""WebAuthn §11 — a device of Chromium's own that keeps passkeys, as its DevTools make one."""

from typing import Any

_OPTIONS = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_NO_AUTOFILL = """if (window.PublicKeyCredential)
  PublicKeyCredential.isConditionalMediationAvailable = async () => false;"""
_NO_PASSKEYS = "delete window.PublicKeyCredential"


class Device:
    """The device of one tab; its owner is there and known to it unless told otherwise."""

    def __init__(self, tab: Any) -> None:
        self._devtools = tab.context.new_cdp_session(tab)
        self._devtools.send("WebAuthn.enable", {"enableUI": False})
        made = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _OPTIONS})
        self._id = made["authenticatorId"]

    def knows_its_owner(self, *, is_so: bool) -> None:
        """Verify whoever holds it, or nobody."""
        told = {"authenticatorId": self._id, "isUserVerified": is_so}
        self._devtools.send("WebAuthn.setUserVerified", told)

    def passkeys(self) -> list[dict[str, Any]]:
        """Return what it keeps."""
        kept = self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        found: list[dict[str, Any]] = kept["credentials"]
        return found


def without_autofill(context: Any) -> None:
    """Have the browser wait for a button: this device answers at once what autofill asks."""
    context.add_init_script(_NO_AUTOFILL)


def without_passkeys(context: Any) -> None:
    """Have a browser from before there were passkeys."""
    context.add_init_script(_NO_PASSKEYS)
