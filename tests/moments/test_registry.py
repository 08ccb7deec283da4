"""What apps declare by name when they are loaded."""

import pytest

from moments.registry import Provided, Registry, csv_schemas, emails, events
from outbox.kinds import refuse_unknown_email, refuse_unknown_event


def test_an_item_is_found_under_each_of_its_names_in_order():
    registry: Registry[str] = Registry("letter")

    assert registry.add("b", "a")("item") == "item"

    assert list(registry) == ["b", "a"] and registry["a"] == "item" and "c" not in registry


def test_a_name_that_is_taken_is_refused_and_keeps_its_item():
    registry: Registry[list] = Registry("letter")
    first: list = []
    registry.add("a")(first)

    with pytest.raises(ValueError, match="letter “a”"):
        registry.add("a")([])

    assert registry["a"] is first
    registry.add("a")(first)  # loaded twice, it is the same one


def test_a_function_that_nobody_provides_is_named():
    provided: Provided[int] = Provided("counts sheep")

    with pytest.raises(LookupError, match="counts sheep"):
        provided()

    provided.provide(lambda many: many + 1)
    assert provided(2) == 3


def test_every_app_has_declared_what_is_queued_and_uploaded():
    assert {"order_shipped", "campaign_approved", "report", "operator_digest"} <= set(emails)
    assert set(csv_schemas) == {"stock", "prices", "taxes", "rates", "memberships"}
    assert {"reward.issued", "campaign.live"} <= set(events)


def test_what_no_app_has_declared_cannot_be_queued():
    for refuse in (refuse_unknown_email, refuse_unknown_event):
        with pytest.raises(ValueError, match="nothing_of_ours"):
            refuse("nothing_of_ours")
