"""How many files somebody has to open who follows a call of the checkout."""

import pathlib
import sys
from types import CodeType, FrameType

import pytest
from django.urls import resolve, reverse

from redemption.models import Order, Reservation
from rewards.claims.service import claim_reward
from tests import make
from tests.redemption.addresses.test_addresses import PORTLAND_FORM
from tests.redemption.claim.test_pages import open_page

ROOT = pathlib.Path(__file__).resolve().parents[3]
MOST_FILES = 10
MOST_OF_ALL = 21  # with other apps' services, the clock and the connection to the database


class Visited:
    """Python files of ours in which a function ran: ``view`` what the view itself reached, ``around`` the rest.

    The view is what the address resolves to, its decorators and all that it calls, however deep. Around it are
    middleware, the session, and whatever else runs before and after. Libraries and templates are not counted.
    """

    def __init__(self, view: CodeType) -> None:
        self.code = view
        self.view: set[str] = set()
        self.around: set[str] = set()
        self._inside: FrameType | None = None

    def __enter__(self) -> "Visited":
        self._before = sys.getprofile()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self._before)

    def _note(self, frame: FrameType, event: str, _what: object) -> None:
        if event == "call":
            if frame.f_code is self.code and self._inside is None:
                self._inside = frame
            path = pathlib.Path(frame.f_code.co_filename)
            if path.is_relative_to(ROOT) and path.parts[len(ROOT.parts)] not in {".venv", "tests"}:
                (self.view if self._inside else self.around).add(path.relative_to(ROOT).as_posix())
        elif event == "return" and frame is self._inside:
            self._inside = None

    def of_the_app(self, app: str) -> set[str]:
        """Of what the view reached: the app's own files but for its models, which are the rows that all of it is about.

        What other apps do for it is behind the names of their services.
        """
        return {path for path in self.view if path.startswith(f"{app}/") and not path.startswith(f"{app}/models/")}


@pytest.fixture
def post(client, customer, reward):
    """Posts a form to a step of the checkout of ``reward``, with what was visited for it."""
    claim_reward(reward, customer=customer, now=make.clock.now())
    client.force_login(customer)
    handle = open_page(client, reward).split("/")[2]
    product = reward.group.choices.get().product

    def posted(step: str, form: dict[str, str]) -> Visited:
        path = reverse(f"redemption:{step}", args=[handle, product.pk])
        with Visited(resolve(path).func.__code__) as visited:
            answer = client.post(path, form)
        assert answer.status_code == 302
        return visited

    return posted


@pytest.mark.slow
def test_a_post_of_the_address_page_visits_fewer_than_ten_files(post, reward):
    visited = post("address", PORTLAND_FORM)

    assert Reservation.objects.filter(reward=reward).exists()
    assert len(visited.of_the_app("redemption")) < MOST_FILES, sorted(visited.of_the_app("redemption"))
    assert len(visited.view) <= MOST_OF_ALL, sorted(visited.view)


@pytest.mark.slow
def test_what_runs_around_the_view_is_not_counted_as_the_views(post, reward):
    post("address", PORTLAND_FORM)

    visited = post("review", {})

    assert Order.objects.filter(reward=reward).exists()
    assert {"redemption/checkout/checkout.py", "redemption/checkout/place_order.py"} <= visited.view
    assert "accounts/sign_in/sessions.py" in visited.around - visited.view
