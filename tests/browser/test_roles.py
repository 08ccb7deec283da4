"""The console as an editor and as an analyst have it: invited, signed up, at work, and kept from what is not theirs."""

import uuid

import pytest

from tests import make
from tests.browser.test_journey import confirmation_link, make_campaign
from tests.browser.test_rewards import choose_file

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def join(new_page, sign_in, stack):
    """Somebody new in a browser of their own, invited by the owner, in the role that the label names."""

    def act(role: str):
        owner, page = new_page(), new_page()
        email = f"{role.lower()}-{uuid.uuid4().hex[:8]}@example.com"
        sign_in(owner, "console")
        owner.goto("/console/team/")
        owner.get_by_role("link", name="Invite somebody").click()
        owner.get_by_label("Email").fill(email)
        owner.get_by_label(role).check()
        owner.get_by_role("button", name="Send invitation").click()
        owner.get_by_text(f"An invitation is on its way to {email}").wait_for()

        page.goto(f"/mailbox/?to={email}")
        page.get_by_role("link", name="Join ").click()
        page.goto(page.locator("pre a").first.get_attribute("href"))
        page.get_by_role("link", name="Create account").click()
        page.get_by_label("Your name").fill(f"{role} Larsen")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(make.PASSWORD)
        page.get_by_role("button", name="Create account").click()
        page.goto(confirmation_link(page, email))
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Join").click()
        page.get_by_text("You are in.").wait_for()
        return page

    return act


def refused(page, path: str, *, post: bool) -> bool:
    """Sent by hand, with a good token: what the page does not show is refused too."""
    page.goto("/console/account/profile/")
    token = page.locator("main input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    headers = {"X-CSRFToken": token, "Origin": page.url.partition("/console")[0]}
    answer = page.request.post(path, headers=headers) if post else page.request.get(path)
    return answer.status == 403 and "you may not do this" in answer.text()


def test_an_editor_makes_tests_and_runs_a_campaign_and_manages_nobody(join, stack, complaints, picture):
    page, name = join("Editor"), f"Level 20 {uuid.uuid4().hex[:6]}"
    make_campaign(page, name, picture, complaints)

    # A reward by hand, and one that is voided
    page.goto(f"/console/campaigns/{stack.demo['campaignId']}/")
    page.get_by_role("link", name="Send a reward").click()
    email = f"kim-{uuid.uuid4().hex[:8]}@example.com"
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send").click()
    page.get_by_text(f"A reward is on its way to {email}").wait_for()
    page.get_by_role("link", name="Void").click()
    page.get_by_role("button", name="Void the reward").click()
    page.get_by_text("Its charge stays").wait_for()

    # A file of winners, checked and thrown away
    page.goto(f"/console/rewards/campaigns/{stack.demo['campaignId']}/uploads/")
    choose_file(page, f"player-{uuid.uuid4()};")
    page.get_by_role("button", name="Discard").click()
    page.get_by_text("nothing was issued").wait_for()

    # A question to the operator
    page.goto("/console/limits/")
    page.get_by_role("link", name="Ask for more").first.click()
    assert complaints(page) == []

    for path in (
        "/console/team/",
        "/console/developers/apps/",
        f"/console/developers/apps/{stack.demo['appId']}/",
        "/console/billing/",
    ):
        page.goto(path)
        for verb in ("Invite somebody", "Register an app", "Create API key", "Set up a card", "Roll", "Revoke"):
            assert page.get_by_role("link", name=verb).count() == 0, (path, verb)
    assert page.get_by_role("link", name="Audit log").count() == 0
    assert refused(page, "/console/team/invite/", post=True)
    assert refused(page, f"/console/developers/apps/{stack.demo['appId']}/keys/new/", post=True)
    assert refused(page, "/console/audit/", post=False)


READ_ONLY = [
    *("/console/", "/console/campaigns/", "/console/rewards/", "/console/catalog/", "/console/reports/"),
    *("/console/points/", "/console/developers/apps/", "/console/limits/", "/console/billing/", "/console/team/"),
    *("/console/help/", "/console/campaigns/{campaignId}/", "/console/developers/apps/{appId}/"),
    *("/console/campaigns/{campaignId}/history/", "/console/campaigns/{campaignId}/compare/"),
    *("/console/rewards/campaigns/{campaignId}/", "/console/rewards/campaigns/{campaignId}/uploads/"),
]
THEIR_OWN = ["/accounts/logout/", "/console/reports/subscribe/"]


def test_an_analyst_reads_everything_and_changes_nothing(join, stack, complaints):
    page, demo = join("Analyst"), stack.demo
    followed: set[str] = set()

    for path in (path.format(**demo) for path in READ_ONLY):
        assert page.goto(path).ok, path
        assert complaints(page) == [], path
        sent = page.locator("form[method=post]").evaluate_all("forms => forms.map(form => form.getAttribute('action'))")
        assert set(sent) <= set(THEIR_OWN), path
        links = page.locator("main a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        for link in set(links) - followed:
            assert page.request.get(link).ok, (path, link)
        followed |= set(links)

    # What they are there for: numbers, a file of them, the calls to try
    page.goto("/console/reports/?by=moment")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert b"moment" in download.value.path().read_bytes()
    page.goto(f"/console/developers/test/{demo['campaignId']}/")
    assert demo["campaignId"] in page.locator("#snippet-GetReward").inner_text()

    campaign = f"/console/campaigns/{demo['campaignId']}/"
    for path in (
        f"{campaign}do/take-down/",
        f"/console/rewards/campaigns/{demo['campaignId']}/send/",
        f"{campaign}budget/",
        "/console/campaigns/new/",
    ):
        assert refused(page, path, post=True), path
    page.goto(campaign)
    page.get_by_text("live", exact=True).first.wait_for()
