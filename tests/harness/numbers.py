"""The table of numbers that harnesses print when all is done, and whether they run in full."""

import os

import pytest

FULL = os.environ.get("MOMENTS_HARNESS") == "full"
KEY = "numbers"


def size(smoke: int, full: int) -> int:
    return full if FULL else smoke


@pytest.fixture
def numbers(record_property):
    """Call it with what was done and what came out: ``numbers("month cap", calls=500, issued=137)``."""

    def note(what: str, **counts: object) -> None:
        record_property(KEY, (what, {name: str(count) for name, count in counts.items()}))

    return note


def pytest_terminal_summary(terminalreporter) -> None:
    rows = [
        value
        for status in ("passed", "failed")
        for report in terminalreporter.getreports(status)
        for key, value in getattr(report, "user_properties", [])
        if key == KEY and report.when == "call"
    ]
    if not rows:
        return
    width = max(len(what) for what, _counts in rows)
    terminalreporter.section("numbers" if FULL else "numbers (smoke)")
    for what, counts in sorted(rows):
        shown = "  ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
        terminalreporter.write_line(f"{what:{width}}  {shown}")
