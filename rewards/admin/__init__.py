from rewards.admin import reconciliation, rewards  # noqa: F401 - each registers its pages
