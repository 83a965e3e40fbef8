"""Sessions: Django's session engine on our own rows, and how sessions end.

The row is the truth. It is found by the hash of the cookie's key, its payload is sealed, and it
counts only while the person's and the session's own epochs are what they were at sign-in.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts import participation, signals
from accounts.models import Session, User
from accounts.participation import Participant
from config import policy
from tokens import encoding, epochs, handles, instants

SID: Final = "sid"
EPOCH: Final = "epoch"
ENDS_AT: Final = "ends_at"
BROWSER: Final = "browser"
SEEN_EVERY: Final = dt.timedelta(minutes=5)
"""How often, at most, it is written down that a session is in use."""
_SID_AT_BIRTH: Final = 0  # nothing has ever bumped the epoch of a session that was never ended


class SessionStore(SessionBase):
    """What SESSION_ENGINE names. The key is 256 random bits; only its hash rests."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._ends_at: dt.datetime | None = None
        self._began: tuple[str, dt.datetime] | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds: nothing when it has expired or was cut off."""
        row = _live(pk=_digest(self.session_key or ""))
        record = handles.open(handles.SESSION, row.sealed) if row else None
        if row is None or record is None or record["key"] != row.key_hash:
            self._session_key = None
            return {}
        self._ends_at = row.expires_at
        self._began = row.sid, row.created_at
        _note_use(row)
        data: dict[str, Any] = record["data"]
        return data

    def exists(self, session_key: str) -> bool:
        """Tell whether a row rests under this key."""
        return Session.objects.filter(pk=_digest(session_key)).exists()

    def create(self) -> None:
        """Take a new key and store the session under it."""
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        """Write the row; one that was ended meanwhile stays ended (UpdateError)."""
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if self.session_key is None:
            self._session_key = self._get_new_session_key()
            must_create = True
        row = self._row(data)
        if must_create:
            _insert(row)
            return
        fields = {"sid", "subject", "epoch_person", "sealed", "created_at", "expires_at"}
        changed = Session.objects.filter(pk=row.pk).update(
            **{name: getattr(row, name) for name in fields}
        )
        if not changed:
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End the session that rests under this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            end_many([_digest(key)])
        self._ends_at = None

    def cycle_key(self) -> None:
        """Take a new key at the next save; the session and its sid go on."""
        data = self._session  # type: ignore[attr-defined]
        if self.session_key is not None:
            Session.objects.filter(pk=_digest(self.session_key)).delete()
        self._session_key = None
        self._session_cache = data
        self.modified = True

    @classmethod
    def clear_expired(cls) -> None:
        """Remove all expired rows."""
        while sweep(1000):
            pass

    def get_expiry_age(self, **_options: Any) -> int:
        """Return the seconds until the session's absolute end."""
        return max(0, int((self._end() - timezone.now()).total_seconds()))

    def get_expiry_date(self, **_options: Any) -> dt.datetime:
        """Return the session's absolute end."""
        return self._end()

    def get_expire_at_browser_close(self) -> bool:
        """Return what settings say: nobody sets an expiry on a session of ours."""
        return bool(settings.SESSION_EXPIRE_AT_BROWSER_CLOSE)

    def set_expiry(self, value: object) -> None:
        """Do nothing: a session ends when policy says."""

    def _get_new_session_key(self) -> str:
        return secrets.token_urlsafe(32)

    def _end(self) -> dt.datetime:
        chosen = self.get(ENDS_AT)
        if chosen is not None:
            return instants.moment(chosen)
        return self._ends_at or timezone.now() + policy.current().lifetimes.interaction

    def _row(self, data: dict[str, Any]) -> Session:
        key_hash, sid, now = _digest(self.session_key or ""), data.get(SID, ""), timezone.now()
        self._ends_at = self._end()
        if self._began is None or self._began[0] != sid:  # a new key does not make a new session
            self._began = sid, now
        return Session(
            key_hash=key_hash,
            sid=sid,
            subject=data.get(SESSION_KEY, ""),
            epoch_person=data.get(EPOCH, 0),
            sealed=handles.seal(handles.SESSION, {"key": key_hash, "data": data}),
            created_at=self._began[1],
            last_seen_at=now,
            expires_at=self._ends_at,
        )


def new_sid() -> str:
    """Return a name for a session as relying parties know it: 128 random bits."""
    return encoding.token(128)


def alive_until(sid: str) -> dt.datetime | None:
    """Return the absolute end of a session that is alive, or None."""
    row = _live(sid=sid) if sid else None
    return row.expires_at if row else None


def browser_of(sid: str) -> str:
    """Return the name of the browser that a session lives in; '' when it is over."""
    row = _live(sid=sid) if sid else None
    record = handles.open(handles.SESSION, row.sealed) if row else None
    return str(record["data"].get(BROWSER, "")) if record else ""


def lifetime_from_now() -> int:
    """Return the absolute end (an instant) of a session that begins now."""
    return instants.after(instants.now(), policy.current().lifetimes.session)


def take_part(sid: str, client_id: str, client_name: str) -> bool:
    """Note that a client takes part in a session; False when the session is over.

    The row is held meanwhile: whoever ends the session either finds the client or comes first.
    """
    if participation.is_known(sid, client_id):
        return True
    with transaction.atomic():
        row = _held(sid)
        if row is None or row.expires_at <= timezone.now() or not _is_alive(row):
            return False
        participation.add(row, client_id, client_name)
        return True


def end(sid: str) -> bool:
    """End one session and what is bound to it; tell whether its row was there.

    The epoch moves in any case: a session that is just changing its key has no row for a moment.
    """
    with transaction.atomic():
        row = _held(sid)
        if row is not None:
            return end_many([row.pk]) == 1
        epochs.bump(epochs.SESSION, sid, expires_at=lifetime_from_now())
        for ended in participation.take([sid]):
            _tell(ended.subject, sid, ended.clients)
        return False


def end_and_list(sid: str) -> tuple[Participant, ...]:
    """End one session and return the clients that took part in it, each of them."""
    with transaction.atomic():
        _held(sid)
        clients = participation.of(sid)
        end(sid)
        return clients


def end_all(subject: str, except_sid: str | None = None) -> int:
    """End every session of a person but one; return how many."""
    rows = Session.objects.filter(subject=subject).exclude(sid=except_sid or "")
    return end_many(rows.values_list("pk", flat=True))


def end_many(pks: Iterable[str]) -> int:
    """End the sessions in these rows and return how many there were."""
    keys, moment = list(pks), timezone.now()
    if not keys:
        return 0
    with transaction.atomic():
        rows = list(Session.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        named = [row for row in rows if row.sid]
        clients = {each.sid: each.clients for each in participation.take([r.sid for r in named])}
        for row in named:
            epochs.bump(epochs.SESSION, row.sid, expires_at=instants.of(row.expires_at))
            if row.expires_at > moment:  # an end by time is no news
                _tell(row.subject, row.sid, clients.get(row.sid, ()))
        return Session.objects.filter(pk__in=keys).delete()[0]


@receiver(pre_delete, sender=User, dispatch_uid="accounts.sessions.of_the_deleted")
def _end_of_deleted(instance: User, **_news: Any) -> None:
    """End the sessions of a person who is deleted, by whichever door."""
    end_all(str(instance.pk))


@receiver(signals.password_changed, dispatch_uid="accounts.sessions.of_old_passwords")
def _end_of_old_password(subject: str, kept_sid: str | None, **_news: Any) -> None:
    """End the sessions that were begun with another password, by whichever door it changed."""
    end_all(subject, except_sid=kept_sid)


def sweep(limit: int) -> int:
    """Remove at most `limit` expired rows, and as many notes of who took part; return how many."""
    expired = Session.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    gone = Session.objects.filter(
        pk__in=list(expired.values_list("pk", flat=True)[:limit])
    ).delete()[0]
    return gone + participation.sweep(limit)


def _digest(key: str) -> str:
    return encoding.b64(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())


def _note_use(row: Session) -> None:
    """Write down that a session is in use, once in a while: not every visit is a write."""
    now = timezone.now()
    if row.sid and now - row.last_seen_at >= SEEN_EVERY:
        Session.objects.filter(pk=row.pk).update(last_seen_at=now)


def _live(**which: str) -> Session | None:
    row = Session.objects.filter(**which, expires_at__gt=timezone.now()).first()
    return row if row is None or not row.subject or _is_alive(row) else None


def _is_alive(row: Session) -> bool:
    now = epochs.read_many([(epochs.PERSON, row.subject), (epochs.SESSION, row.sid)])
    return now == [row.epoch_person, _SID_AT_BIRTH]


def _held(sid: str) -> Session | None:
    """Return a session's row, which nobody else ends or joins until this transaction is over."""
    return Session.objects.select_for_update().filter(sid=sid).first()


def _tell(subject: str, sid: str, those: tuple[Participant, ...]) -> None:
    signals.session_ended.send(sender=None, subject=subject, sid=sid, participants=those)


def _insert(row: Session) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise CreateError from error
