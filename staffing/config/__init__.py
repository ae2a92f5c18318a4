"""plan.toml: read, checked, and turned into what the steps take."""

from staffing.config.read import read_config, read_staffed_config
from staffing.config.whole import Config

__all__ = ["Config", "read_config", "read_staffed_config"]
