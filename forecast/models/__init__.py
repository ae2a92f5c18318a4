"""The forecasting models by name."""

from forecast.models.base import Effect, Fitted, Model, Series
from forecast.models.sma import SeasonalMovingAverage

__all__ = ["DEFAULT", "MODELS", "Effect", "Fitted", "Model", "Series"]

MODELS: dict[str, Model] = {model.name: model for model in (SeasonalMovingAverage(),)}
DEFAULT = "sma8"
