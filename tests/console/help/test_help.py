"""Help in place: guides that begin a campaign, a reference that is the running API's, a badge to download."""

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from api.v1.routes import api
from campaigns.models import Campaign
from console.developers.api_reference import groups, operations
from console.help.playbooks import PLAYBOOKS
from rewards.issuing.refusals import REFUSALS
from tests import make


@pytest.fixture
def owner(client, db):
    member = make.member()
    client.force_login(member.user)
    return member


def test_every_guide_opens_and_begins_a_campaign_of_its_kind(client, owner):
    make.app(owner)
    assert [guide.slug for guide in PLAYBOOKS] == [
        "up-sell",
        "new-feature",
        "first-purchase",
        "trial-to-paid",
        "tournament",
        "points-for-everything",
    ]

    for guide in PLAYBOOKS:
        page = client.get(reverse("console:help:playbook", args=[guide.slug]))
        link = f"{reverse('console:campaigns:new')}?kind={guide.prefill['kind']}"
        assert page.status_code == 200 and link in page.text
        begun = client.get(
            reverse("console:campaigns:new"), {"kind": guide.prefill["kind"], "name": str(guide.prefill["name"])}
        )
        assert begun.context["form"]["kind"].initial == guide.prefill["kind"]
        assert f'value="{guide.prefill["name"]}"' in begun.text

    assert client.get(reverse("console:help:playbook", args=["nonsense"])).status_code == 404
    assert client.get(reverse("console:campaigns:new"), {"kind": "x", "name": "\x00" * 500}).status_code == 200
    assert not Campaign.objects.exists()


def test_the_reference_has_every_operation_member_and_refusal_of_the_api(client, owner):
    document = api.get_openapi_schema()

    index = client.get(reverse("console:developers:reference")).text
    pages = [client.get(reverse("console:developers:reference_group", args=[group])).text for group in groups()]
    text = index + "".join(pages)

    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in index and f"{method.upper()} {path}" in "".join(pages)
    for name in ("RewardRequest", "RewardAnswer", "EventIn", "EventOut", "PointsOut", "ExchangeOut"):
        for member in document["components"]["schemas"][name]["properties"]:
            assert f">{member}</th>" in text, member
    assert all(f">{code}</th>" in text for code in REFUSALS)
    assert "%(" not in text
    assert all(len(page) < 100_000 for page in [index, *pages])


def test_a_group_that_the_reference_does_not_have_is_not_found(client, owner):
    assert client.get(reverse("console:developers:reference_group", args=["nothing"])).status_code == 404


def test_the_reference_says_what_every_member_of_a_reward_is(db):
    looked_at = [operation for operation in operations() if operation.group == "rewards"]

    compatible = [operation for operation in looked_at if operation.path.startswith("/prod/")]
    assert [operation.path for operation in compatible] == ["/prod/GetRewardInfo", "/prod/GetReward"]
    assert {operation.header for operation in compatible} == {"x-api-key: $MOMENTS_KEY"}
    for operation in looked_at:
        answered = next(answer for answer in operation.answers if answer.status == "200")
        taken = [member for member in operation.takes if "/{" not in operation.path]
        assert [member.name for member in [*taken, *answered.members] if not member.about] == []


def test_the_badge_can_be_downloaded_for_light_and_dark(client, owner):
    text = client.get(reverse("console:help:badge")).text

    for name in ("badge-light", "badge-dark"):
        assert f"badge/{name}" in text
        with Image.open(finders.find(f"badge/{name}.png")) as drawn:
            assert drawn.format == "PNG" and drawn.height == 3 * 56
        with open(finders.find(f"badge/{name}.svg")) as file:
            drawing = file.read()
        assert "<text" not in drawing and "http://www.w3.org/2000/svg" in drawing  # no font is needed
