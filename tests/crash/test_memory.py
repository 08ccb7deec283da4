"""A process that has read many pictures has about the memory it began with."""

import os
import subprocess
import sys

import pytest

from moments.devserver.launcher import MEMORY
from tests.harness.numbers import size
from tests.stack import ROOT

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(600)]
KEPT = 60  # MB
SCRIPT = """
import io, pathlib, resource, sys
from concurrent.futures import ThreadPoolExecutor

import django
django.setup()
from PIL import Image
from campaigns.setup.banners import RENDITION_WIDTHS, read_banner
from moments.web.pictures import encode

def memory():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024**2

def work(data):
    picture, kind = read_banner(data)
    for width in RENDITION_WIDTHS:
        encode(picture.resize((width, width // 5)), kind)

def made(kind):
    file = io.BytesIO()
    picture = Image.effect_noise((3000, 600), 40) if kind == "JPEG" else Image.new("L", (3000, 600))
    picture.convert("RGB").save(file, kind)
    return file.getvalue()

banners = [made("JPEG"), made("PNG")]
with ThreadPoolExecutor(4) as pool:
    before = memory()
    list(pool.map(work, [banners[number % 2] for number in range(int(sys.argv[1]))]))
    print(memory() - before)
"""


def grown(count: int, environment: dict[str, str]) -> int:
    given = {name: value for name, value in os.environ.items() if name not in MEMORY}
    given |= {"DJANGO_SETTINGS_MODULE": "moments.settings", **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(count)], cwd=ROOT, env=given, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_pictures_leave_little_memory_behind(numbers):
    """Beside the control: without what the launcher sets, the C library keeps what they have used."""
    count = size(24, 142)

    bounded, unbounded = grown(count, MEMORY), grown(count, {})

    numbers("banners in four threads", banners=count, grown=f"{bounded} MB", control=f"{unbounded} MB")
    assert bounded < KEPT
    assert unbounded > 2 * max(bounded, 20)
