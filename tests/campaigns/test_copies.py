"""What tests build on is as the services make it: a copy differs from an original in nothing that counts."""

import re

import pytest
from django.apps import apps

from campaigns.approval import transitions
from campaigns.approval.snapshot import snapshot_campaign
from campaigns.models import Campaign
from moments import clock
from tests import make

UUID = re.compile("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+")
OURS = ("accounts", "account", "campaigns", "catalog", "outbox", "rewards", "redemption", "moments")


def rows() -> dict[tuple, str]:
    """Everything that is stored, without what is each row's own: keys, names that are numbered, times to the second."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in OURS and model._meta.managed:
            for values in model._base_manager.order_by("pk").values():
                text = TIME.sub("time", UUID.sub("uuid", repr(values).replace("datetime.", "")))
                text = re.sub(r"datetime\([^)]*\)", "time", text)
                text = re.sub("[0-9a-f]{32}|user[0-9]+-[0-9a-f]{6}|SKU-[0-9]+-[0-9a-f]{6}|md5[^']*", "own", text)
                text = re.sub(r"'[a-z_]*id': [0-9]+|(Organization|App|Campaign|Product) [0-9]+|:[0-9]+'", "own", text)
                found[model._meta.label, values[model._meta.pk.attname]] = text
    return found


def added_by(act) -> list[tuple[str, str]]:
    before = rows()
    act()
    return sorted((label, text) for (label, key), text in rows().items() if (label, key) not in before)


@pytest.mark.slow
@pytest.mark.parametrize("status", ["draft", "pending", "rejected", "approved", "live", "suspended", "finished"])
@pytest.mark.parametrize("has_owner", [True, False], ids=["for an owner", "with one of its own"])
def test_a_copy_has_the_rows_that_the_services_write(db, status, has_owner):
    make.category()
    of = {"of": make.member()} if has_owner else {}
    for _time in range(2):
        make.campaign(status, **of)
    own = {"of": make.member()} if has_owner else {}

    by_services = added_by(lambda: make.new_campaign(status, **own))
    copied = added_by(lambda: make.campaign(status, **own))

    assert copied == by_services and len(copied) > 12


def test_a_copy_is_worked_with_as_any_other(db):
    for _time in range(2):
        make.campaign("pending")
    copy, later = make.campaign("pending"), make.campaign("pending")
    assert len({copy.pk, later.pk, copy.organization_id, later.organization_id}) == 4

    transitions.approve_campaign(copy, by=make.operator(), now=clock.now())
    transitions.go_live(copy, by=copy.created_by, now=clock.now())
    reward = make.reward(copy, claimed_by=make.customer())

    assert reward.charge_cents == 2750 and later.versions.get().decision == "pending"
    assert copy.versions.get().content == snapshot_campaign(Campaign.objects.get(pk=copy.pk), now=clock.now())
