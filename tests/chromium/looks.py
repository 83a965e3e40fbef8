"""What every page must be, whatever it says: accessible, whole on a phone, in both themes.

A page is judged as it stands, in light and in dark; if it can be read again, also in Arabic and in
German, whose words are the longest. Pictures are kept, for a person to look at.
"""

import importlib
from typing import Any, Final
from urllib.parse import urlsplit

from tests.chromium import chromium

DESK: Final = {"width": 1100, "height": 800}
PHONE: Final = {"width": 320, "height": 640}
_CONTRAST: Final = {"runOnly": ["color-contrast", "link-in-text-block"]}
_ALL: Final = {"resultTypes": ["violations"]}
_SMALLEST: Final = 24  # CSS pixels, WCAG 2.2 §2.5.8
_SMALL = f"""() => [...document.querySelectorAll("button, .button, nav a, input, select, summary")]
  .filter((one) => one.checkVisibility() && !one.classList.contains("unseen"))
  .filter((one) => one.type !== "hidden" && one.tabIndex >= 0)
  .filter((one) => {{ const box = one.getBoundingClientRect();
                      return box.width < {_SMALLEST} || box.height < {_SMALLEST}; }})
  .map((one) => one.outerHTML.slice(0, 120))"""


def judge(tab: Any, name: str, *, again: bool = True) -> None:
    """Find fault with the page that is shown, under this name; leave it as it was.

    The window must run scripts: axe is one.
    """
    url = tab.url
    assert tab.get_by_role("heading", level=1).count() == 1, name
    assert tab.get_by_role("heading", level=1).inner_text().strip(), name
    assert tab.locator("script:not([src]), style, [style], [onclick]").count() == 0, name
    tab.set_viewport_size(DESK)
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    chromium.picture(tab, f"desk-{name}")
    assert _violations(tab, _ALL) == [], name
    tab.set_viewport_size(PHONE)
    tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
    chromium.picture(tab, f"phone-{name}")
    _whole(tab, name)
    if again:
        _in_other_languages(tab, url, name)
    else:
        assert _violations(tab, _CONTRAST) == [], f"{name}, dark"
    tab.set_viewport_size(DESK)
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")


def _in_other_languages(tab: Any, url: str, name: str) -> None:
    mark = "&" if urlsplit(url).query else "?"
    for tag in ("de", "ar"):
        tab.goto(f"{url}{mark}ui_locales={tag}")
        assert tab.locator("html").get_attribute("lang") == tag, name
        _whole(tab, f"{name}, {tag}")
    assert tab.locator("html").get_attribute("dir") == "rtl"
    chromium.picture(tab, f"arabic-{name}")
    assert _violations(tab, _ALL) == [], f"{name}, dark, ar"
    tab.goto(url)


def _whole(tab: Any, name: str) -> None:
    """See that nothing is cut off or scrolls sideways, and a finger finds what it can press."""
    width, ours = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= ours, f"{name}: {width} of {ours}"
    box = tab.locator("main").bounding_box()
    assert box["x"] >= 0, name
    assert box["x"] + box["width"] <= ours, name
    assert tab.evaluate(_SMALL) == [], name


def _violations(tab: Any, options: dict[str, Any]) -> list[str]:
    """Return what axe finds, each with the elements it means."""
    axe = importlib.import_module("axe_playwright_python.sync_playwright")  # not in every one
    found = axe.Axe().run(tab, options=options).response["violations"]
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]
