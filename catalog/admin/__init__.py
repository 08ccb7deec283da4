from catalog.admin import catalog, imports  # noqa: F401 - each registers its pages
