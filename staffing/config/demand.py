"""The tables of plan.toml on what the forecast is to say, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from forecast.columns.column import MOST_CONTACTS
from forecast.models import DEFAULT, MODELS
from staffing.config.parts import Part
from staffing.config.values import FaultAt, Share, check_month

Contacts = Annotated[float, Field(ge=0, le=MOST_CONTACTS)]


def _model(name: str) -> str:
    if name not in MODELS:
        raise ValueError(f"{name!r} is not a model: there are {', '.join(MODELS)}")
    return name


class ForecastPart(Part):
    """By which model, and what else the forecast is to say."""

    model: Annotated[str, AfterValidator(_model)] = DEFAULT
    quantiles: list[Share] = Field(default_factory=list)


class VolumesPart(Part):
    """Contacts of calendar months as the client gives them, by queue and month."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    __pydantic_extra__: dict[str, dict[str, Contacts]] = Field(init=False)
    file: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        for queue, months in self.given.items():
            for month in months:
                try:
                    check_month(month)
                except ValueError as error:
                    raise FaultAt([queue, month], str(error)) from error
        if self.file is not None and self.given:
            raise FaultAt(
                ["file"], "write the figures here or into the file, not some in each"
            )
        return self

    @property
    def given(self) -> Mapping[str, Mapping[str, float]]:
        """Contacts by queue and month, without those of a file not yet read."""
        return self.__pydantic_extra__

    def with_file(self, given: Mapping[str, Mapping[str, float]]) -> VolumesPart:
        """The same with the figures of its file."""
        return self.model_copy(update=dict(given))
