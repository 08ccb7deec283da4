"""An email on a page stays in its frame."""

from outbox.emails.frames import FRAME_POLICY, framed_email


def test_an_email_may_run_nothing_and_load_nothing_from_elsewhere():
    answer = framed_email("<html><head><title>x</title></head></html>")

    assert answer["Content-Security-Policy"] == FRAME_POLICY
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "script" not in FRAME_POLICY and "default-src 'none'" in FRAME_POLICY
    assert "allow-scripts" not in FRAME_POLICY and "allow-forms" not in FRAME_POLICY


def test_its_links_open_in_the_whole_window():
    assert framed_email("<head></head><p><head></p>").text == '<head><base target="_top"></head><p><head></p>'
