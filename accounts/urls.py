"""The pages of people: home, account, sign-in, set-up."""

from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.pages import account, home, setup

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", account.account, name="account"),
    path("account/applications/", account.applications, name="applications"),
    path("account/switch/", account.switch, name="switch"),
    path("account/", include("allauth.account.urls")),
    path("favicon.ico", RedirectView.as_view(url=static("accounts/icon.svg"))),
    path("setup/<str:secret>", setup.setup, name="setup"),
]
