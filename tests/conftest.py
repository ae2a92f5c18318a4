"""Settings of all tests."""

import os
import tempfile

from hypothesis import settings

# No deadline: the first call of a kernel may compile it. On CI, the same examples
# every time: a push fails by what it changed, never by luck.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if "CI" in os.environ else "local")


def pytest_configure(config):
    """Nothing kept from earlier runs, and nothing left behind; processes share it."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        os.environ["STAFFCAST_CACHE"] = folder.name
