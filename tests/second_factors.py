"""What people carry beside their password: an authenticator app, and codes on a sheet of paper."""

from dataclasses import dataclass

from accounts import recovery_codes, totp
from accounts.models import AuthenticatorApp


@dataclass(slots=True, kw_only=True)
class App:
    """An authenticator app. It shows a code of the next step that it has not shown yet."""

    secret: str
    last: int = 0

    def code(self) -> str:
        """Return a code that was never shown before: three within half a minute, then no more."""
        self.last = max(self.last + 1, totp.now() - 1)
        return totp.code(self.secret, self.last)

    def wrong(self) -> str:
        """Return six digits that are no code now."""
        right = {totp.code(self.secret, totp.now() + step) for step in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(9)) if code not in right)


def given_app(subject: str) -> App:
    """Give a person an app whose codes were all still unused."""
    app = App(secret=totp.new_secret())
    assert totp.add(subject, app.secret, totp.code(app.secret, totp.now()))
    AuthenticatorApp.objects.filter(user_id=subject).update(last_step=0)
    return app


def given_codes(subject: str) -> list[str]:
    """Give a person recovery codes."""
    return recovery_codes.make(subject)
