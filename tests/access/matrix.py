"""Every route, tried by everybody: what the resolver knows, against what is written down in ``matrix.txt``.

A line is a route, a method and a letter for each of ``ACTORS``: ``o`` answered, ``>`` sent elsewhere, ``s`` asked to
sign in, ``x`` refused (403), ``-`` not found, ``m`` no such method, ``c`` not what the caller sent (400 to 422),
``u`` unwell (503).
"""

import pathlib
import re
from collections.abc import Iterator

from django.urls import URLPattern, get_resolver, reverse

WRITTEN = pathlib.Path(__file__).parent / "matrix.txt"
ACTORS = ["anonymous", "customer", "stranger", "removed", "analyst", "editor", "admin", "owner", "operator"]
METHODS = ["GET", "POST"]
PARAMETER = re.compile(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>")


def routes() -> Iterator[tuple[str, str]]:
    """(name, pattern) of each; Django's admin, which has its own sign-in page, has one name for all."""
    for name, path, _pattern in patterns():
        yield name, path


def patterns(resolver=None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern | None]]:
    """The same, each with what the resolver has of it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or path}", path, pattern
        elif pattern.namespace == "admin":
            yield "admin:index", path, None
        else:
            yield from patterns(pattern, path, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def address(name: str, pattern: str, known: dict) -> str:
    """Of one object of ours; ``known`` has values by parameter, or by route and parameter."""
    names = [first or second for first, second in PARAMETER.findall(pattern)]
    if name == pattern:  # it has no name
        return f"/{pattern}"
    return reverse(name, kwargs={each: known.get(f"{name}:{each}", known.get(each, "nothing")) for each in names})


def letter(answer) -> str:
    status = answer.status_code
    if status in {301, 302, 303}:
        return "s" if "/accounts/login/" in answer["Location"] or "/admin/login/" in answer["Location"] else ">"
    if status < 300:
        return "o"
    return {403: "x", 401: "x", 404: "-", 405: "m", 286: "o", 503: "u"}.get(status, "c" if status < 500 else "!")


def written() -> dict[tuple[str, str], str]:
    found = {}
    for line in WRITTEN.read_text().splitlines():
        if line and not line.startswith("#"):
            name, method, letters = line.split()
            found[name, method] = letters
    return found
