from tests.redemption.conftest import kim, life, request_, stub  # noqa: F401 - fixtures
