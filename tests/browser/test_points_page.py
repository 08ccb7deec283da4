"""The points page in a web view: without JavaScript, from a link that the app's server made."""

import json

import pytest

pytestmark = pytest.mark.xdist_group("browser")
KB = 1024


@pytest.fixture(scope="module")
def program(stack):
    """A program of its own, with a tier of 100 points."""
    made = stack.manage("make_program", "--rule", "play=60", "--tier", "100", "--tier", "500", "--expires-days", "30")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def link_for(stack, program: dict, user: str, *, events: int) -> str:
    key = {"Authorization": f"Bearer {program['apiKey']}"}
    for number in range(events):
        event = {"event_id": f"{user}-{number}", "user_id": user, "action": "play"}
        assert stack.post("/api/v1/events", event, **key)[0] == 200
    status, answer, _headers = stack.post(f"/api/v1/users/{user}/points-page", {}, **key)
    assert status == 201
    return answer["url"]


@pytest.mark.parametrize("javascript", [False, True])
def test_a_user_sees_points_and_exchanges_them(stack, program, new_page, complaints, javascript):
    """Without JavaScript, and with it, in the dark, to look for what axe complains of."""

    def check(page) -> None:
        assert not javascript or complaints(page) == []

    page = new_page(width=390, dark=javascript, javascript=javascript)
    sizes: list[int] = []
    page.on("response", lambda got: sizes.append(len(got.body()) if got.status == 200 else 0))
    page.goto(link_for(stack, program, f"mia-{javascript}", events=4))
    assert "/my-points/page/" in page.url
    page.get_by_text("240 points", exact=True).wait_for()
    page.get_by_text("260 more points for").wait_for()
    assert 5 * KB < sum(sizes) < 60 * KB
    check(page)
    mine = page.url

    page.get_by_role("link", name="Exchange").click()
    check(page)
    page.get_by_role("button", name="Exchange points").click()
    page.get_by_text("You have 140 points left.").wait_for()
    check(page)
    page.get_by_role("link", name="Open reward").click()
    page.wait_for_url("**/reward/**")

    page.goto(mine)
    for name in ("My rewards", "History"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name).wait_for()
        check(page)
    page.get_by_text("−100").wait_for()


def test_a_link_that_is_over_says_what_to_do(new_page, complaints):
    page = new_page(width=390)

    answer = page.goto("/my-points/over/")

    assert answer.status == 404
    page.get_by_text("Go back to the app and open your points from there.").wait_for()
    assert complaints(page) == []
