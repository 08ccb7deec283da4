"""The web server's inside: what callers send and read takes an event loop, what Django works on takes a thread."""
