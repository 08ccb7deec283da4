"""Generates docs/rules.md from the code: ``python -m tests.rules_table``."""

import ast
import functools
import pathlib
import re
from collections import defaultdict
from dataclasses import dataclass, field

from rewards.issuing.outcomes import IssueOutcome
from tests.test_imports import LINE

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "rules.md"

HEAD = """# Rules

Every rule that the product enforces, where it lives, and the test that proves it. `make docs` generates this page from
the code; `tests/test_docs.py` fails when it is out of date.

## Refusals

A service refuses with `RuleViolation(code, message)`. The code is stable and for machines. The third column names the
constraint that decides when two callers race.

| Code | Function | Constraint | Tests |
| --- | --- | --- | --- |
"""
CONSTRAINTS = """
## Constraints and triggers

PostgreSQL enforces these whatever the code does. Django's models declare the constraints; `<app>/database.sql` declares
the triggers.

| Name | Table or model | Kind | Tests |
| --- | --- | --- | --- |
"""


@dataclass
class Refusal:
    functions: set[str] = field(default_factory=set)
    constraints: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)


def sources() -> dict[str, str]:
    paths = [path for app in LINE for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


def tests() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py"))}


def refusals(code: dict[str, str]) -> dict[str, Refusal]:
    found: dict[str, Refusal] = defaultdict(Refusal)
    for path, source in code.items():
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef):
                named = _codes(function)
                for name in named:
                    found[name].functions.add(f"{path}:{function.name}")
                    found[name].modules.add(path.removesuffix(".py").replace("/", "."))
                    found[name].constraints |= _constraints(function)
    return found


def _calls(function: ast.FunctionDef, *names: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in names]


def _texts(arguments: list[ast.expr]) -> list[str]:
    return [node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _codes(function: ast.FunctionDef) -> set[str]:
    given = [call.args[:1] for call in _calls(function, "RuleViolation", "refusal")]
    return {code for arguments in given for code in (*_texts(arguments), *_outcomes(arguments))}


def _outcomes(arguments: list[ast.expr]) -> list[str]:
    """``IssueOutcome.UNKNOWN_MOMENT`` as its code."""
    named = [node for node in arguments if isinstance(node, ast.Attribute)]
    return [IssueOutcome[node.attr] for node in named if getattr(node.value, "id", "") == IssueOutcome.__name__]


def _constraints(function: ast.FunctionDef) -> set[str]:
    return {name for call in _calls(function, "is_violation_of") for name in _texts(call.args[1:])}


def constraints(code: dict[str, str]) -> list[tuple[str, str, str]]:
    """(name, model, kind) of every constraint that a model names."""
    found = []
    for path, source in code.items():
        if "/models" not in path:
            continue
        for model in [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]:
            for call in [node for node in ast.walk(model) if isinstance(node, ast.Call)]:
                kind = getattr(call.func, "attr", "")
                named = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
                if kind in {"CheckConstraint", "UniqueConstraint"}:
                    found += [(name, f"{path.partition('/')[0]}.{model.name}", kind) for name in _texts(named)]
    return found


def triggers() -> list[tuple[str, str, str]]:
    found = []
    for path in sorted(ROOT.glob("*/database.sql")):
        text = path.read_text()
        found += [(name, table, "trigger") for name, table in re.findall(r"TRIGGER (\w+)[^;]*? ON (\w+)", text)]
    return found


@functools.cache
def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def naming(name: str, of: dict[str, str]) -> list[str]:
    """At most three test files that name it: a word, or (of a module) words joined by dots."""
    first, _dot, rest = name.partition(".")
    return [path for path, text in of.items() if first in words_of(text) and (not rest or _is_named(name, text))][:3]


def _is_named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def proof_of(code: str, found: Refusal, of: dict[str, str]) -> list[str]:
    """Tests that name the code, else the function that refuses, else its module."""
    for names in ([code], [function.rpartition(":")[2] for function in found.functions], sorted(found.modules)):
        if tests_of := sorted({path for name in names for path in naming(name, of)})[:3]:
            return tests_of
    return []


def _cell(items: list[str]) -> str:
    return "<br>".join(f"`{item}`" for item in items)


def page() -> str:
    code, proving = sources(), tests()
    rows = [
        f"| `{name}` | {_cell(sorted(found.functions))} | {_cell(sorted(found.constraints))} "
        f"| {_cell(proof_of(name, found, proving))} |"
        for name, found in sorted(refusals(code).items())
    ]
    guards = [
        f"| `{name}` | `{where}` | {kind} | {_cell(naming(name, proving))} |"
        for name, where, kind in sorted({*constraints(code), *triggers()})
    ]
    return HEAD + "\n".join(rows) + "\n" + CONSTRAINTS + "\n".join(guards) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page())
