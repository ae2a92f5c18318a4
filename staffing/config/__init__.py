"""plan.toml: read, checked, and turned into what the steps take."""

from staffing.config.parts import Config
from staffing.config.read import read_config

__all__ = ["Config", "read_config"]
