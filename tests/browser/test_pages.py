"""Every page, seen by a machine: no complaint of axe, nothing wider than the screen; widths and themes spread over
them."""

import datetime as dt
import re

import pytest

from tests.browser.appearances import IS_WHOLE, appearances, apply, keep_picture, visits
from tests.browser.keyboard import trouble
from tests.browser.test_journey import curl_of
from tests.browser.test_sign_in_pages import reward_url

pytestmark = [pytest.mark.xdist_group("browser"), *([pytest.mark.timeout(1800)] if IS_WHOLE else [])]


@pytest.fixture
def visit(pages, sign_in, complaints):
    """Visits paths as somebody, each in another look, and gathers what is wrong with them."""

    def act(who, paths, within=None, like=None):
        wrong = {}
        wanted = appearances() if IS_WHOLE else appearances()[: len(paths)]
        shown = [(appearance, pages(appearance)) for appearance in wanted]
        if who:
            first = like or shown[0][1]
            if not like:
                sign_in(first, who)
            for _look, page in shown:  # the same session
                page.context.add_cookies(first.context.cookies())
        for path, (appearance, page) in visits(paths, shown):
            answer = page.goto(path)
            assert answer.status < 500, path
            problems = apply(page, appearance, within)
            keep_picture(page, who, path, appearance)
            if found := problems + complaints(page, within) + (trouble(page) if is_walked(appearance, within) else []):
                wrong[f"{path} {appearance}"] = found
        return wrong

    return act


def is_walked(appearance, within) -> bool:
    """With the Tab key: every page of ours once, where every look is looked at."""
    return IS_WHOLE and appearance == appearances()[0] and not within


def test_pages_for_everybody(visit):
    paths = [
        "/",
        "/language/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/nothing",
        "/r/unknown/",
    ]
    paths += ["/mailbox/", "/mailbox/1/", "/styleguide/", "/accounts/confirm-email/", "/accounts/confirm-email/x/"]
    paths += ["/accounts/link/", "/accounts/link/sent/", "/accounts/link/x/"]

    assert visit(None, paths) == {}


def test_pages_of_a_customer_whom_mail_does_not_reach(visit):
    assert visit("unreachable", ["/my/rewards/", "/accounts/email/"]) == {}


def pages_of_webhooks(page) -> list[str]:
    """Of an endpoint whose name never resolves, and of the test event that it does not get."""
    page.goto("/console/developers/webhooks/new/")
    page.locator("#id_url").fill("https://receiver.invalid/moments")
    page.get_by_role("button", name="Add endpoint").click()
    page.get_by_role("link", name="I have copied it").click()
    endpoint = "/" + page.url.split("/", 3)[3]
    page.get_by_role("button", name="Send test event").click()
    for _try in range(100):
        page.goto(endpoint)
        if page.get_by_text("Every attempt has failed since").count():
            break
        page.wait_for_timeout(100)
    delivery = page.locator("main table a").first.get_attribute("href")
    return [endpoint, f"{endpoint}edit/", f"{endpoint}replay/", f"{endpoint}roll/", delivery]


def test_pages_of_the_console(visit, new_page, sign_in, stack):
    demo = stack.demo
    page = new_page()
    sign_in(page, "console")
    page.goto("/console/points/")
    program = page.get_by_role("link", name="Lantern stars").get_attribute("href")
    issued, app = f"/console/rewards/campaigns/{demo['campaignId']}/", f"/console/developers/apps/{demo['appId']}/"
    paths = ["/console/", f"{issued}", f"{issued}send/"]
    paths += [app, f"{app}keys/new/", "/console/developers/apps/", "/console/developers/apps/new/"]
    paths += ["/console/developers/webhooks/", "/console/developers/webhooks/new/", *pages_of_webhooks(page)]
    page.goto(f"/console/rewards/campaigns/{demo['categoryCampaignId']}/uploads/")
    paths += [page.get_by_role("link", name=name).get_attribute("href") for name in ("winners-of-may.csv", "typos.csv")]
    page.goto("/console/rewards/")
    reward = page.locator("th.id a").first.get_attribute("href")
    paths += ["/console/rewards/", "/console/rewards/?q=nobody&since=2026-13-01", reward, f"{reward}void/"]
    paths += [f"{issued}uploads/"]
    paths += ["/console/catalog/", "/console/catalog/JP/?q=x", "/console/catalog/1/", "/console/help/"]
    paths += ["/console/catalog/own-product/", "/console/catalog/t-shirt/", "/console/help/tournament/"]
    paths += [
        "/console/developers/api/",
        "/console/developers/api/rewards/",
        "/console/developers/logs/",
        "/console/help/badge/",
    ]
    paths += ["/console/reports/", "/console/reports/?by=moment&since=2026-13-01", "/console/limits/"]
    last_month = dt.datetime.now(dt.UTC).replace(day=1) - dt.timedelta(days=1)
    paths += [
        "/console/audit/",
        "/console/audit/?what=card_set",
        "/accounts/security/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/email/",
    ]
    paths += ["/accounts/password/change/", "/accounts/2fa/webauthn/", "/accounts/reauthenticate/"]
    paths += ["/console/billing/card/", "/console/billing/card/remove/", "/console/billing/owner/"]
    paths += ["/console/billing/", f"/console/billing/{last_month:%Y-%m}/"]
    paths += ["/console/limits/request/", f"/console/reports/compare/{demo['campaignId']}/"]
    paths += ["/console/points/", "/console/points/new/", program, f"{program}record/", f"{program}rules/new/"]
    paths += [
        f"{program}tiers/new/",
        *(f"{program}{page}/" for page in ("rules", "tiers", "users", "simulator", "settings", "statuses/new")),
        "/console/team/",
        "/console/team/invite/",
        "/console/support/",
        "/console/support/new/",
    ]
    paths += ["/console/account/profile/", "/console/organization/", "/console/organization/new/", "/accounts/email/"]
    paths += ["/accounts/password/change/", "/accounts/elsewhere/", "/accounts/logout/", "/my/rewards/"]

    wrong = visit("console", paths)
    assert not wrong, wrong


def test_pages_of_customers(visit, new_page, sign_in):
    page = new_page()
    sign_in(page, "customer")
    page.goto("/my/addresses/")
    address = page.get_by_role("link", name="Change", exact=True).first.get_attribute("href")
    page.goto("/my/orders/")
    order = page.get_by_role("link", name="See the order").first.get_attribute("href")
    paths = ["/my/", "/my/rewards/", "/my/orders/", order, "/my/addresses/", "/my/addresses/new/", address]
    paths += [f"{address}forget/", "/my/about/", "/my/data/", "/my/data/all/", "/my/data/erase/", "/my/erased/"]
    paths += ["/accounts/security/", "/accounts/email/"]

    wrong = visit("customer", paths)
    assert not wrong, wrong


def test_pages_of_campaigns(visit, new_page, sign_in, stack):
    demo = stack.demo
    page = new_page()
    sign_in(page, "console")
    page.goto("/console/campaigns/?status=draft")
    draft = page.get_by_role("link", name="Level 10", exact=True).get_attribute("href")
    page.goto(f"{draft}moments/")
    removal = page.get_by_role("link", name="Remove level-10-early").get_attribute("href")
    campaign = f"/console/campaigns/{demo['campaignId']}/"
    paths = ["/console/campaigns/", "/console/campaigns/?status=archived", "/console/campaigns/new/", campaign]
    paths += [f"{campaign}budget/", f"{campaign}do/take-down/", f"{campaign}do/finish/", f"{draft}do/archive/", removal]
    paths += [f"/console/campaigns/{demo[name]}/" for name in ("approvedCampaignId", "categoryCampaignId")]
    paths += [draft, f"{draft}rewards/JP/", f"{draft}rewards/US/?category=2"]
    paths += [f"{draft}{step}/" for step in ("details", "moments", "rewards", "message", "budget", "review")]
    paths += [f"{campaign}history/", f"{campaign}compare/", f"/console/developers/test/{demo['campaignId']}/"]

    wrong = visit("console", paths)
    assert not wrong, wrong


SHOWN = ("Lighthouse T-shirt", "Steel bottle, 24 oz", "Football, size 5")  # in sizes, sold out, its equal


def test_pages_of_choosing(visit, new_page, sign_in, stack):
    page = new_page()
    sign_in(page, "customer")
    page.goto(reward_url(stack))
    page.get_by_role("button", name="Claim reward").click()
    items = [page.get_by_role("link", name=name, exact=True).get_attribute("href") for name in SHOWN]
    mine = page.url
    demo = stack.demo
    body = {"appId": demo["appId"], "campaignId": demo["categoryCampaignId"], "momentId": "subscribed"}
    body |= {"rewardGroupId": "US", "deviceType": "iOS"}
    _status, answer, _headers = stack.post("/prod/GetReward", body, **{"x-api-key": demo["apiKey"]})
    page.goto(answer["rewardNotificationUrl"])
    page.get_by_role("button", name="Claim reward").click()
    page.get_by_text("It is yours.").wait_for()
    shelf = page.url
    page.goto(f"{shelf}?sort=-price&in_stock=on")
    first = page.locator(".tile h2 a").first
    first.click()
    page.get_by_role("link", name="All you can choose from").click()
    assert page.url == f"{shelf}?sort=-price&in_stock=on"  # as it was left

    paths = [mine, *items, shelf, f"{shelf}?q=tea&least=x&covered=on", f"{shelf}?q=nothing+like+it"]
    assert visit("customer", paths, like=page) == {}


def test_pages_of_the_operators_that_are_ours(visit, new_page, sign_in, stack):
    page = new_page()
    sign_in(page, "staff")
    page.goto("/admin/campaigns/campaign/?status__exact=pending")
    review = page.get_by_role("link", name="Review").first.get_attribute("href")
    page.goto("/admin/redemption/order/?status__exact=placed")
    order = page.locator("th.field-number a").first.get_attribute("href").replace("change/", "")

    order = order.partition("?")[0]
    campaign = stack.demo["campaignId"]
    stack.manage("reconcile")
    ours = [review, f"{order}ship/", f"{order}cancel/", f"/admin/campaigns/campaign/{campaign}/ceiling/"]
    ours += [f"/admin/rewards/reconciliationrun/held/{campaign}/"] * 2
    ours += ["/admin/accounts/user/why/"]
    page.goto("/admin/outbox/emailsuppression/")
    trouble = page.locator("th.field-id a").first.get_attribute("href").partition("change/")[0]
    ours += [f"{trouble}correct/"]
    ours += ["/admin/outbox/mail/kinds/", "/admin/outbox/mail/kinds/reward_issued/?colors=dark&width=narrow"]
    ours += ["/admin/catalog/csvimport/new/stock/", checked_import(page), "/admin/redemption/appeal/1/answer/"]
    orders = "/admin/redemption/order/"
    ours += [f"{orders}pick-list/", f"{orders}tracking/", f"{order}refund/"]
    assert visit("staff", ours, within="#content") == {}
    assert visit("staff", ["/admin/", "/admin/rewards/reconciliationrun/"], within=".books") == {}


def test_lists_and_forms_of_the_operators(visit):
    """Django's own pages in our colors; several look alike, so one of each kind."""
    catalog, paths = "/admin/catalog/", ["/admin/redemption/order/", "/admin/accounts/organization/1/change/"]
    paths += [f"{catalog}product/?q=tee", f"{catalog}product/2/change/", f"{catalog}product/add/"]
    paths += [f"{catalog}marketplace/US/change/", f"{catalog}deliverycountry/", f"{catalog}taxrate/"]
    paths += ["/admin/accounts/app/add/", "/admin/auth/group/add/", "/admin/campaigns/claimlimits/add/"]
    assert visit("staff", paths, within="#container") == {}


SAMPLES = "/admin/outbox/mail/kinds/"


def checked_import(page) -> str:
    """A file of prices, one line of which is wrong."""
    page.goto("/admin/catalog/csvimport/new/prices/")
    file = {"name": "prices.csv", "mimeType": "text/csv", "buffer": b"sku,price\nNOTHING-1,x\n"}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_text("1 line is wrong.").wait_for()
    return page.url.partition(page.url.split("/")[2])[2]


def without_sandbox(route) -> None:
    """An email is shown in a sandbox without scripts, axe's included."""
    answer = route.fetch()
    route.fulfill(status=answer.status, body=answer.body(), headers={"content-type": answer.headers["content-type"]})


def test_mails_have_a_language_a_picture_text_and_contrast(new_page, sign_in, complaints):
    page = new_page(width=320)
    page.goto("/mailbox/")
    links = [link.get_attribute("href") for link in page.locator(".rows a").all()]

    frames = [f"{link}html" for link in links[:4]]
    sign_in(page, "staff")
    for colors in ("", "dark"):
        frames += [f"{SAMPLES}{kind}/html/?colors={colors}" for kind in ("reward_expiring", "order_confirmed", "plain")]
    page.route(re.compile(r"/html\b"), without_sandbox)
    for link in frames:
        assert page.goto(link, wait_until="networkidle").ok
        assert complaints(page) == [], link
        broken = page.evaluate("[...document.images].filter(image => !image.naturalWidth).map(image => image.src)")
        assert broken == []


def test_a_keyboard_alone_can_sign_in(new_page, stack):
    page = new_page()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to content"
    page.get_by_label("Email").focus()
    page.keyboard.type(stack.demo["console"]["email"])
    page.keyboard.press("Tab")
    page.keyboard.type(stack.demo["console"]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")


def test_the_line_that_the_console_shows_works_as_it_stands(new_page, sign_in, stack):
    """Copied into a shell, with the key in $MOMENTS_KEY."""
    import json
    import subprocess

    page = new_page()
    sign_in(page, "console")
    page.goto(f"/console/campaigns/{stack.demo['campaignId']}/")
    line = page.locator("pre code").first.inner_text()

    done = subprocess.run(
        ["bash", "-c", line],
        env={"MOMENTS_KEY": stack.demo["apiKey"], "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["rewardId"]
    assert curl_of(page)["userId"] == "user-1"


def test_a_worker_sends_what_was_queued(new_page, stack):
    """By the real worker, nudged over the real broker; the sweep comes only once a minute."""
    page = new_page()

    def unsent():
        page.goto("/mailbox/")
        return [text for text in page.locator(".rows .tag").all_inner_texts() if text != "sent"]

    for _try in range(40):
        if not unsent():
            return
        page.wait_for_timeout(250)
    raise AssertionError(unsent())
