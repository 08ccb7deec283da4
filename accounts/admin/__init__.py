from accounts.admin import accounts  # noqa: F401 - each registers its pages
