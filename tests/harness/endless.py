"""The web server around answers of any size (``granian --interface rsgi tests.harness.endless:application``).

``/whole?BYTES`` is sent at once, ``/made?PARTS`` while it is made, in parts of 64 KB; ``/broken`` fails after three.
``/quick`` says how many parts were made, how many answers were closed, and the process's memory in MB.
"""

import pathlib
import resource

import django
from django.http import HttpResponse, StreamingHttpResponse

django.setup()

from moments.server.bridge import Server  # noqa: E402 - once there are settings

PART = b"x" * 65536
seen = {"parts": 0, "closed": 0}


def parts(count: int, *, is_broken: bool = False):
    try:
        for _number in range(count):
            seen["parts"] += 1
            yield PART
        if is_broken:
            raise RuntimeError("broken on purpose")
    finally:
        seen["closed"] += 1


def handler(environ, start_response):
    path, amount = environ["PATH_INFO"], int(environ["QUERY_STRING"] or 0)
    if path == "/whole":
        response = HttpResponse(b"y" * amount)
    elif path == "/made":
        response = StreamingHttpResponse(parts(amount))
    elif path == "/broken":
        response = StreamingHttpResponse(parts(3, is_broken=True))
    else:
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
        memory = pages * resource.getpagesize() // 1024**2
        response = HttpResponse(f"{seen['parts']} {seen['closed']} {memory}")
    start_response(f"{response.status_code} X", list(response.items()))
    return response


application = Server(handler, 2)
