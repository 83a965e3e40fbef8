"""Every page of ours is opened in Chromium by some test, where it is judged (`chromium/looks`)."""

import pytest
from django.urls import URLPattern

from accounts import urls
from tests import tree

pytestmark = pytest.mark.leg("sqlite")
NO_PAGES = {
    "account/login/passkey/",  # takes what a device answers
    "account/passkeys/prove/",  # likewise
    "account/recovery-codes/file/",  # a file
    "account/security/two-steps/",  # a button of another page
    "favicon.ico",
}
BY_OTHER_PAGES = {
    "account/confirm-email/",  # the end of signing up
    "account/keep/",  # shown at a sign-in, to who wanted to leave
    "account/login/second/",  # shown at a sign-in
    "account/password/reset/complete/",  # the end of a reset
    "account/step-up/",  # shown to who has to prove more
    "account/upstream/",  # with a provider of the test's own
    "account/upstream/finish/",
}


def test_every_page_is_opened() -> None:
    routes = {str(each.pattern) for each in urls.urlpatterns if isinstance(each, URLPattern)}
    sources = [path.read_text(encoding="utf-8") for path in tree.ROOT.glob("tests/chromium/*.py")]
    beginnings = {route.partition("<")[0] for route in routes} - NO_PAGES - BY_OTHER_PAGES
    assert {one for one in beginnings if not any(f"/{one}" in text for text in sources)} == set()
