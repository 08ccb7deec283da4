from operations import preview_admin  # noqa: F401 - registers its pages
