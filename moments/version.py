"""The version of Moments from ``pyproject.toml``, read once at import."""

import pathlib
import tomllib

PROJECT = pathlib.Path(__file__).parent.parent / "pyproject.toml"
VERSION: str = tomllib.loads(PROJECT.read_text())["project"]["version"]
