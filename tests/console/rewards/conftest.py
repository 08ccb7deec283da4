from tests.rewards.conftest import upload  # noqa: F401 - a fixture
