"""The log of this process collects, and is written when a test says so."""

import pytest

from api.call_log.recorder import Recorder, recorder
from api.models import ApiCall


@pytest.fixture
def log(monkeypatch):
    """``log()`` writes what waits and returns all calls, the oldest first."""
    fresh = Recorder()
    for name in ("waiting", "too_fast", "dropped"):
        monkeypatch.setattr(recorder, name, getattr(fresh, name))
    monkeypatch.setattr(recorder, "is_collecting", True)

    def written() -> list[ApiCall]:
        recorder.write_waiting()
        return list(ApiCall.objects.order_by("id"))

    return written
