"""The pages of people: home, account, sign-in, set-up."""

from django.urls import include, path

from accounts.pages import account, home, setup

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", account.account, name="account"),
    path("account/applications/", account.applications, name="applications"),
    path("account/switch/", account.switch, name="switch"),
    path("account/", include("allauth.account.urls")),
    path("setup/<str:secret>", setup.setup, name="setup"),
]
