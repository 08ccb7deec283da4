"""Finds a Chromium for the browser tests, or gets one; prints its path. Fails loudly: no test is ever skipped.

Best is the headless shell: the same engine without a browser's own windows, at half the processor time.
"""

import os
import shutil
import subprocess
import sys

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    given = os.environ.get("CHROMIUM")
    if given and os.access(given, os.X_OK):
        return given
    return next((path for name in NAMES if (path := shutil.which(name))), None) or find_playwrights()


def find_playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def get() -> str | None:
    """By apt as root, else Playwright's own download."""
    steps = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if may_install():
        steps = [["apt-get", "update", "-qq"], install(SHELL), install("chromium"), *steps]
    for step in steps:
        sys.stderr.write(" ".join(step) + "\n")
        subprocess.run(step, stdout=sys.stderr, check=False)
        if found := find():
            return found
    return None


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> list[str]:
    return ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]


def prefer_shell() -> None:
    """Gets the headless shell for whoever may install it. Where that fails, another Chromium does as well."""
    if "CHROMIUM" not in os.environ and not shutil.which(SHELL) and may_install():
        for step in (["apt-get", "update", "-qq"], install(SHELL)):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run(["timeout", "120", *step], check=False, **quiet)


if __name__ == "__main__":
    if sys.argv[1:] == ["prefer-shell"]:
        sys.exit(prefer_shell())
    path = find() or get()
    if not path:
        sys.exit("The browser tests need Chromium. Install it, or set CHROMIUM to its path.")
    sys.stdout.write(path)
