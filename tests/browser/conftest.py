"""A running Moments and a real Chromium, for all of the package."""

import os
import pathlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.appearances import IS_WHOLE
from tests.chromium import find
from tests.harness.openid import openid_server
from tests.harness.stripe_server import stripe_server
from tests.stack import Stack

LIKE_THE_FIRST = [["tbody tr:nth-child(n+4)"]]  # rows of a table, of which `make a11y` looks at all
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="package")
def stack():
    with stripe_server() as stripe, openid_server() as openid:
        # One web worker: nothing here depends on their number, and each start imports all of Moments
        running = Stack(MOMENTS_API_RATE="50/s", MOMENTS_WEB_WORKERS="1", **stripe, **openid.settings).start()
        yield running
        assert running.end() == 0, running.log.read_text()
        running.remove()


@pytest.fixture(scope="package")
def chromium():
    """For this package alone: while it is up its event loop runs in this thread, and Django talks to no database there.

    What a page keeps is its context's, which is new in each test.
    """
    path = find()
    assert path, "no Chromium; run `make test`, which gets one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, stack):
    """Makes a page in a browser of its own: ``new_page(width=320, dark=True, javascript=False)``; ``is_plain`` forces
    colors and reduces motion."""
    contexts = []

    def make(**look) -> Page:
        contexts.append(open_context(chromium, stack.url, **look))
        return contexts[-1].new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def pages(chromium, stack):
    """``pages(look)`` is a page without cookies, the same one for each look: its styles and fonts are loaded once."""
    kept: dict[str, Page] = {}

    def page_of(look: dict) -> Page:
        name = repr(sorted(look.items()))
        if name not in kept:
            kept[name] = open_context(chromium, stack.url, **look).new_page()
        kept[name].context.clear_cookies()
        return kept[name]

    yield page_of
    for page in kept.values():
        page.context.close()


def open_context(
    chromium: Browser,
    url: str,
    *,
    width: int = 1280,
    dark: bool = False,
    javascript: bool = True,
    is_plain: bool = False,
    **_set,
) -> BrowserContext:
    context = chromium.new_context(
        base_url=url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        forced_colors="active" if is_plain else "none",
        reduced_motion="reduce" if is_plain else "no-preference",
        java_script_enabled=javascript,
    )
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def sign_in(stack):
    def act(page: Page, who: str) -> None:
        login = stack.demo[who]
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(login["email"])
        page.get_by_label("Password").fill(login["password"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    return act


@pytest.fixture(scope="session")
def picture():
    """Keeps a page's picture where ``MOMENTS_SCREENSHOTS`` says, for the README; else does nothing."""
    folder = os.environ.get("MOMENTS_SCREENSHOTS")

    def take(page: Page, name: str, *, full: bool = False) -> None:
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png", full_page=full)

    return take


@pytest.fixture(scope="session")
def complaints():
    """What axe (WCAG 2.2, A and AA) and the page's width have to complain of."""
    axe = Axe()

    def find_them(page: Page, within: str | None = None) -> list[str]:
        """``within`` narrows it to what a page of somebody else's shows of ours."""
        context = {"include": [[within or "html"]], "exclude": [] if IS_WHOLE else LIKE_THE_FIRST}
        found = axe.run(page, context=context, options=WCAG).response["violations"]
        words = [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found
            for node in violation["nodes"]
        ]
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return words + ([f"scrolls sideways by {width}px"] if width > 0 and not within else [])

    return find_them
