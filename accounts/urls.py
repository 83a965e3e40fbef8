"""The pages of people: home, account, sign-in, set-up."""

from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.pages import account, chooser, home, language_choice, setup, signing_out

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", account.account, name="account"),
    path("account/applications/", account.applications, name="applications"),
    path("account/create/", chooser.create, name="create"),
    path("account/switch/", chooser.choose, name="switch"),
    path("account/language/", language_choice.choose, name="language"),
    path("account/logout/", signing_out.sign_out, name="account_logout"),
    path("account/", include("allauth.account.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("favicon.ico", RedirectView.as_view(url=static("accounts/icon.svg"))),
    path("setup/<str:secret>", setup.setup, name="setup"),
]
