"""Other shrinkage, in all or of one component."""

from __future__ import annotations

from typing import Any

from forecast.errors import ConfigError
from staffing.config import Config
from staffing.scenario.changes import Change


def components_of(config: Config) -> dict[str, Any]:
    """The components of shrinkage, as plan.toml writes them."""
    return {
        name: part.model_dump(exclude_unset=True)
        for name, part in config.staffing.shrinkage.items()
    }


def shrunk(change: Change, now: dict[str, Any]) -> dict[str, Any]:
    """Shrinkage whose components, or the one that is named, are scaled to the sum."""
    chosen = [change.key] if change.key else [*now] or ["all"]
    if not {*chosen} <= {*now} and (change.key or change.value.how != "set"):
        raise ConfigError(
            f"{change.text!r}: the plan has no {change.lever} to change; it has "
            f"{', '.join(now) or 'none'}. Name one of these, or set shrinkage in all."
        )
    before = sum(now.get(name, {"share": 0.0})["share"] for name in chosen)
    wanted = change.value.of(before)
    if not 0.0 <= wanted < 1.0:
        raise ConfigError(
            f"{change.text!r}: {change.lever} must be 0 or more and below 1, but would "
            f"be {wanted:g}. Shares are written 0 to 1, or with a % sign."
        )
    found = dict(now)
    for name in chosen:
        part = now.get(name, {"share": 0.0})
        if before == 0.0:
            found[name] = {**part, "share": wanted / len(chosen)}
            continue
        scaled = part["share"] if wanted == before else part["share"] * wanted / before
        found[name] = {**part, "share": scaled}
        if "at" in part:
            at = {when: share * wanted / before for when, share in part["at"].items()}
            found[name]["at"] = at
    return found
