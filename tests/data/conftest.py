import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"


@contextmanager
def loaded(name):
    spec = importlib.util.spec_from_file_location(f"sample_{name}", DATA / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="session")
def script():
    """A script of data/ as a module, by its name; for as long as it is used."""
    return loaded
