"""People, their consents and sessions in Django's own administration, behind our own login."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import (
    api_keys,
    consent,
    devices,
    email_addresses,
    history,
    participation,
    people,
    second_steps,
    sessions,
)
from accounts.adapters import AccountAdapter
from accounts.models import ApiKey, Consent, Event, Session, UpstreamIdentity, User
from accounts.upstream import identities
from config import console

_PROFILE = (
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "preferred_username",
    "gender",
    "birthdate",
    "age",
)


class PersonForm(ModelForm):  # type: ignore[type-arg]
    """A person's row."""

    def clean_email(self) -> str:
        """Refuse an address that is somebody else's, however it is written."""
        email: str = self.cleaned_data["email"]
        if email != self.instance.email:  # what rests from before is no obstacle to other changes
            email_addresses.validate(email)
        owner = people.find_by_email(email)
        if owner is not None and owner.pk != self.instance.pk:
            raise ValidationError(AccountAdapter.error_messages["email_taken"], code="email_taken")
        return email


@admin.register(User)
class UserAdmin(console.ShownFiltersOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """People. A new one chooses a password by “Forgot your password?”; none is ever shown."""

    form = PersonForm
    list_display = ("email", "name", "email_verified", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "is_demo")
    search_fields = ("email", "name", "id")
    ordering = ("email_key",)
    actions = ("disable", "enable", "sign_out", "reset_factors")
    readonly_fields = ("id", "is_active", "is_demo", "created_at", "updated_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "email_verified", "is_active", "is_staff")}),
        (_("Profile"), {"fields": _PROFILE}),
        (_("Contact"), {"fields": ("phone_number", "phone_number_verified", "address")}),
        (_("Preferences"), {"fields": ("locale", "zoneinfo", "picture", "profile", "website")}),
        (_("Record"), {"fields": ("id", "is_demo", "created_at", "updated_at", "last_login")}),
    )

    @admin.action(description=_("Disable: forbid to sign in and end all access"))
    def disable(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Disable the chosen people, but never oneself."""
        others = chosen.exclude(pk=str(request.user.pk))
        for user in others:
            people.disable(str(user.pk))
            self.log_change(request, user, "disabled")
        self.message_user(request, _("Done."), messages.SUCCESS)

    @admin.action(description=_("Enable: let them sign in again"))
    def enable(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Enable the chosen people."""
        for user in chosen:
            people.enable(str(user.pk))
            self.log_change(request, user, "enabled")
        self.message_user(request, _("Done."), messages.SUCCESS)

    @admin.action(description=_("Sign out everywhere, and tell the applications"))
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """End all sessions of the chosen people; what was granted for good goes on."""
        for user in chosen:
            people.sign_out(str(user.pk))
            self.log_change(request, user, "signed out everywhere")
        self.message_user(request, _("Done."), messages.SUCCESS)

    @admin.action(description=_("Remove second factors that were lost, and end all access"))
    def reset_factors(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Take the second factors of the chosen people away, but never one's own."""
        for user in chosen.exclude(pk=str(request.user.pk)):
            second_steps.reset(str(user.pk))
            self.log_change(request, user, "second factors removed")
        self.message_user(request, _("Done."), messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save; keep allauth's address in step, and end what an administrator no longer may."""
        if change:
            people.save(obj, form.changed_data)
        else:
            obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            people.agree(obj)
        if change and "is_staff" in form.changed_data:
            people.appoint(str(obj.pk), is_staff=obj.is_staff)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete a person and end all their access."""
        people.delete(str(obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete people and end all their access."""
        for user in queryset:
            people.delete(str(user.pk))


class _ReadOnly:
    """Rows that pages and commands write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False


@admin.register(Consent)
class ConsentAdmin(console.ShownFiltersOnly, _ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What people agreed to. Deleting one withdraws it."""

    list_display = ("user", "client_name", "client_id", "scope", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "client_id", "client_name")

    def delete_model(self, request: HttpRequest, obj: Consent) -> None:
        """Withdraw it."""
        consent.withdraw(str(obj.user_id), obj.client_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Consent]) -> None:
        """Withdraw them."""
        for one in queryset:
            consent.withdraw(str(one.user_id), one.client_id)


@admin.register(Session)
class SessionAdmin(console.ShownFiltersOnly, _ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who is signed in. Deleting one signs them out."""

    list_display = ("sid", "subject", "created_at", "last_seen_at", "expires_at")
    search_fields = ("sid", "subject")
    fields = ("sid", "subject", "created_at", "last_seen_at", "expires_at", "applications")
    readonly_fields = ("applications",)

    @admin.display(description=_("Applications that took part"))
    def applications(self, obj: Session) -> str:
        """Name them."""
        return ", ".join(one.client_name for one in participation.of(obj.sid))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Show only sessions in which somebody is signed in."""
        return super().get_queryset(request).exclude(subject="")

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        """End it."""
        sessions.end(obj.sid)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """End them."""
        sessions.end_many(queryset.values_list("pk", flat=True))


@admin.register(Event)
class EventAdmin(console.ShownFiltersOnly, _ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The history of people's accounts, as they read it themselves. Search by address or number."""

    list_display = ("at", "title", "subject", "times", "with_what", "address")
    search_fields = ("=subject", "=name")
    fields = ("subject", "name", "at", "times", "with_what", "address", "about")
    readonly_fields = ("with_what",)
    show_full_result_count = False

    @admin.display(description=_("event"), ordering="name")
    def title(self, obj: Event) -> str:
        """Say it in plain words."""
        return str(history.TITLES.get(obj.name, obj.name))

    @admin.display(description=_("device"))
    def with_what(self, obj: Event) -> str:
        """Say what it was done with."""
        return devices.in_words(obj.device) if obj.device else "-"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """Find a person's events by their e-mail address too."""
        owner = people.find_by_email(search_term) if "@" in search_term else None
        if owner is not None:
            return queryset.filter(subject=str(owner.pk)), False
        found: tuple[QuerySet[Event], bool]
        found = super().get_search_results(request, queryset, search_term)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: it goes when it is old, or with the person."""
        return False


@admin.register(UpstreamIdentity)
class UpstreamIdentityAdmin(console.ShownFiltersOnly, _ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The accounts elsewhere that people sign in with. Deleting one disconnects it."""

    list_display = ("person", "issuer", "label", "created_at", "last_used_at")
    search_fields = ("person__email_key", "label", "=sub")
    fields = ("person", "issuer", "sub", "label", "created_at", "last_used_at")
    list_select_related = ("person",)

    def delete_model(self, request: HttpRequest, obj: UpstreamIdentity) -> None:
        """Disconnect it; the person has mail."""
        identities.disconnect(obj.person, str(obj.pk), request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UpstreamIdentity]) -> None:
        """Disconnect them."""
        for one in queryset:
            self.delete_model(request, one)


@admin.register(ApiKey)
class ApiKeyAdmin(console.ShownFiltersOnly, _ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """API keys, without what they are checked by. They are made where they are shown: a command."""

    list_display = ("id", "owner", "scope", "expires_at", "revoked_at", "last_used_at")
    search_fields = ("id", "owner")
    fields = ("id", "owner", "scope", "created_at", "expires_at", "revoked_at", "last_used_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke: end them at once"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """Revoke the chosen keys."""
        for one in chosen:
            if api_keys.revoke(one.pk):
                self.log_change(request, one, "revoked")
        self.message_user(request, _("Done."), messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: who had access, and until when, stays known."""
        return False
