"""The line of apps: each may import what is to its left, never what is to its right."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = ["moments", "accounts", "catalog", "outbox", "campaigns", "rewards", "redemption"]
RULES = {"forms", "views", "api", "tasks", "admin", "management"}


def files_of(app: str):
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def imported_by(path: pathlib.Path) -> set[str]:
    """Dotted names of every import, those inside functions included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


@pytest.mark.parametrize("app", LINE)
def test_no_app_imports_what_is_to_its_right(app):
    right = set(LINE[LINE.index(app) + 1 :])
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files_of(app)
        for name in imported_by(path)
        if name.split(".")[0] in right
    }
    assert not wrong


@pytest.mark.parametrize("app", [app for app in LINE if app != "outbox"])
def test_no_rules_module_imports_tasks(app):
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files_of(app)
        if path.stem not in RULES and "management" not in path.parts
        for name in imported_by(path)
        if name.split(".")[0] in LINE and name.split(".")[1:2] == ["tasks"]
    }
    assert not wrong


def test_no_file_is_longer_than_400_lines():
    long = {
        str(path.relative_to(ROOT)): lines
        for app in LINE
        for path in files_of(app)
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_names_of_the_right_stand_as_strings_in_links_alone():
    """A dotted path of a function further right, as a string, outside links and the schedule."""
    wrong = set()
    for app in LINE:
        right = LINE[LINE.index(app) + 1 :]
        for path in files_of(app):
            if path.name in {"registry.py", "celery.py", "settings.py", "urls.py"} and app == "moments":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    head, _dot, tail = node.value.partition(".")
                    if head in right and tail.replace("_", "").replace(".", "").isalpha() and "." in tail:
                        wrong.add(f"{path.relative_to(ROOT)}: {node.value}")
    assert not wrong


def test_no_database_error_is_taken_for_one_cause_without_its_constraint():
    """Whoever catches ``IntegrityError`` asks which constraint it was, or raises it again."""
    blind = [
        f"{path.relative_to(ROOT)}:{line}"
        for app in LINE
        for path in files_of(app)
        for line in blind_handlers(path.read_text())
    ]

    assert not blind
    assert blind_handlers("try:\n    save()\nexcept IntegrityError:\n    raise NameTaken\n") == [3]


def blind_handlers(source: str) -> list[int]:
    """Lines of handlers of ``IntegrityError`` that do not look at the constraint."""
    handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler) and node.type]
    return [
        node.lineno
        for node in handlers
        if "IntegrityError" in ast.unparse(node.type)
        and "constraint" not in ast.unparse(node)
        and "is_violation_of" not in ast.unparse(node)
    ]
