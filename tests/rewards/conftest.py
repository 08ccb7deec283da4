"""Uploads of reward lists."""

import pytest

from moments import clock
from rewards.bulk import service as bulk
from rewards.models import RewardBatch


@pytest.fixture
def upload(member):
    """Checks a file of these lines below its header."""

    def act(campaign, *lines: str, header: str = "user_id,email,key") -> RewardBatch:
        content = "\n".join([header, *lines]).encode()
        return bulk.check_upload(campaign, content=content, file_name="winners.csv", by=member, now=clock.now())

    return act
