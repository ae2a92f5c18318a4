"""The forecasting models by name."""

from forecast.models.base import Effect, Fitted, Model, Series
from forecast.models.dhr import HarmonicRegression
from forecast.models.glm import CalendarModel
from forecast.models.last_year import LastYear
from forecast.models.median import Median
from forecast.models.prepared import Prepared
from forecast.models.prophet import ProphetModel
from forecast.models.sma import SeasonalMovingAverage

__all__ = ["DEFAULT", "MODELS", "Effect", "Fitted", "Model", "Series"]

_MEMBERS: tuple[Model, ...] = (
    CalendarModel(),
    HarmonicRegression(),
    SeasonalMovingAverage(weeks=26),
    ProphetModel(),
    LastYear(),
)
MODELS: dict[str, Model] = {
    model.name: Prepared(model)
    for model in (
        SeasonalMovingAverage(weeks=1),
        SeasonalMovingAverage(weeks=4),
        SeasonalMovingAverage(weeks=8),
        SeasonalMovingAverage(weeks=None),
        *_MEMBERS,
        Median(_MEMBERS),
    )
}
DEFAULT = "median"
