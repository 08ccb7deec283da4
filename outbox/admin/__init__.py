from outbox.admin import emails, webhooks  # noqa: F401 - each registers its pages
