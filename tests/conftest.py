"""Settings of all tests."""

import os
import tempfile

import pytest
from hypothesis import settings

# No deadline: the first call of a kernel may compile it. On CI, the same examples
# every time: a push fails by what it changed, never by luck.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if "CI" in os.environ else "local")


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own():
    """Nothing kept from earlier runs, and nothing left behind."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STAFFCAST_CACHE"] = folder
        yield
