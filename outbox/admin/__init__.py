from outbox.admin import emails  # noqa: F401 - each registers its pages
