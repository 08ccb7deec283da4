"""What is installed is used."""

import functools
import importlib.metadata
import pathlib
import re

import pytest

from tests.test_imports import LINE

ROOT = pathlib.Path(__file__).parent.parent
APPS = LINE
# What no line of ours imports, and who does.
USED_BY_OTHERS = {
    "argon2-cffi": "Django hashes passwords with it",
    "tzdata": "zoneinfo reads time zones from it where the system has none",
    "uharfbuzz": "fpdf2 shapes scripts with it",
    "celery-types": "mypy reads it",
    "django-stubs": "mypy reads it",
    "djlint": "checks templates",
    "pytest-django": "a plugin of pytest",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "checks code",
}


def required(file: str) -> list[str]:
    lines = (ROOT / file).read_text().splitlines()
    return [re.split(r"[\[<>=;~! ]", line)[0] for line in lines if re.match("[a-z]", line)]


@functools.cache
def distributions() -> dict[str, list[str]]:
    """Of each module that can be imported, what installed it."""
    return dict(importlib.metadata.packages_distributions())


def modules_of(distribution: str) -> set[str]:
    """What can be imported of it, by name."""
    normal = re.sub(r"[-_.]+", "-", distribution).lower()
    return {
        module
        for module, names in distributions().items()
        if normal in {re.sub(r"[-_.]+", "-", name).lower() for name in names} and not module.startswith("_")
    }


@functools.cache
def text_of(*folders: str) -> str:
    files = [
        path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".py", ".html")
    ]
    return "\n".join(path.read_text() for path in files if path.name != "test_requirements.py")


def is_used(distribution: str, *folders: str) -> bool:
    """Imported, or named where Django is told what to import or to serve."""
    modules = "|".join(map(re.escape, modules_of(distribution)))
    pattern = rf"""^ *(?:import|from) (?:{modules})\b|["'](?:{modules})[."'/]"""
    return bool(modules) and re.search(pattern, text_of(*folders), re.M) is not None


@pytest.mark.slow
def test_every_package_that_is_installed_to_run_is_used():
    unused = [name for name in required("requirements.in") if not is_used(name, *APPS, "templates")]

    assert set(unused) <= set(USED_BY_OTHERS)


@pytest.mark.slow
def test_every_package_that_is_installed_to_test_is_used():
    unused = [name for name in required("requirements-dev.in") if not is_used(name, "tests")]

    assert set(unused) <= set(USED_BY_OTHERS)


def test_no_excuse_is_left_over():
    named = {*required("requirements.in"), *required("requirements-dev.in")}

    assert set(USED_BY_OTHERS) <= named


@pytest.mark.slow
def test_control_a_package_that_nobody_uses_is_found():
    assert modules_of("sqlparse") == {"sqlparse"}  # Django needs it, no line of ours does
    assert not is_used("sqlparse", *APPS, "templates")
    assert is_used("celery", *APPS)
