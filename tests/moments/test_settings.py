"""Settings that would do harm are refused before anything starts."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MOMENTS_KEEP_UNCONFIRMED_DAYS": "0"}, "MOMENTS_KEEP_UNCONFIRMED_DAYS is 0"),
        ({"MOMENTS_KEEP_ADDRESSES_DAYS": "-1"}, "MOMENTS_KEEP_ADDRESSES_DAYS is -1"),
        ({"MOMENTS_SECRET_KEY_FALLBACKS": settings.DEVELOPMENT_KEY}, "before going live"),
        ({}, ""),
    ],
)
def test_what_would_forget_too_soon_or_let_anybody_sign_is_refused(given, said, tmp_path):
    good = {"MOMENTS_BASE_URL": "https://moments.example.com", "MOMENTS_DEMO": "0", "MOMENTS_DATA_DIR": str(tmp_path)}
    keys = {"MOMENTS_SECRET_KEY": "x" * 50, "MOMENTS_TOKEN_KEYS": "1:" + "y" * 50}
    environ = {**os.environ, **good, **keys, **given}

    tried = subprocess.run(  # noqa: S603
        [sys.executable, "-c", "import moments.settings"], env=environ, capture_output=True, text=True, check=False
    )

    assert (tried.returncode == 0) == (not said), tried.stderr
    assert said in tried.stderr
