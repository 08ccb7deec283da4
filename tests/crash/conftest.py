"""Running stacks that may be killed piece by piece."""

import pytest

from tests.stack import Stack


@pytest.fixture
def launched():
    """Starts stacks with the launcher's own servers; ends and forgets them afterwards."""
    started = []

    def start(**environment: str) -> Stack:
        stack = Stack(MOMENTS_DEMO="0", MOMENTS_API_RATE="100000/s", **environment).start()
        started.append(stack)
        return stack

    yield start
    for stack in started:
        stack.end()
        stack.remove()
