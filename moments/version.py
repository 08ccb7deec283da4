"""The version of Moments, as ``pyproject.toml`` has it; read once, at start."""

import pathlib
import tomllib

PROJECT = pathlib.Path(__file__).parent.parent / "pyproject.toml"
VERSION: str = tomllib.loads(PROJECT.read_text())["project"]["version"]
