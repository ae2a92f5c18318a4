"""
What if: levers, and what they change. The page that staffcast app serves.

As a notebook: `marimo run notebooks/what_if.py`, for another plan with `-- --config
plan.toml`.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="staffcast")

with app.setup:
    from pathlib import Path

    import marimo as mo

    from forecast.errors import StaffcastError
    from staffing import texts
    from staffing.app import levers, opened, page
    from staffing.scenario.changes import scenarios_toml
    from staffing.scenario.outcome import outcome_of

    SAMPLE = Path(__file__).parents[1] / "data" / "plan.toml"


@app.cell
def inputs():
    config = Path(mo.cli_args().get("config") or SAMPLE)
    plan = opened.plan(config)
    words = texts.of(plan.base.config.lang)
    link = "\n".join(mo.query_params().get_all("set"))
    get_given, set_given = mo.state(link.splitlines())
    return config, get_given, plan, set_given, words


@app.cell
def title(plan, words):
    mo.Html(f"<h1>{words.text('page.title', month=words.month(plan.base.month))}</h1>")


@app.cell
def moved(get_given, plan, words):
    try:
        pulled = levers.element(plan.base, get_given(), words)
    except StaffcastError as error:
        pulled = levers.element(plan.base, (), words)
        mo.output.append(mo.Html(page.fault(str(error))))
    pool = levers.pool(plan.base, words)
    mo.output.append(mo.vstack([pool, pulled]))
    return pool, pulled


@app.cell
def solved(plan, pulled, words):
    try:
        scenario = levers.scenario(plan.base, pulled.value, words)
        needed = outcome_of(plan.base, scenario, simulated=False)
    except StaffcastError as error:
        mo.stop(True, mo.Html(page.fault(str(error))))
    mo.query_params()["set"] = "\n".join(scenario.texts) or []  # the link
    return needed, scenario


@app.cell
def people(needed, plan, pool, words):
    mo.Html(page.tiles(plan, needed, page.PEOPLE, pool.value, words))


@app.cell
def served(config, drawn, scenario):
    assert drawn  # the picture comes first: this takes longer
    before = opened.simulated(config)
    found = outcome_of(before.base, scenario) if scenario.changes else before
    return before, found


@app.cell
def service(before, found, pool, words):
    mo.Html(page.tiles(before, found, page.SERVICE, pool.value, words))


@app.cell
def week(needed, plan, pool, words):
    drawn = page.week_picture(plan, needed, pool.value, words)
    mo.Html(page.shown(drawn, "week", words))
    return (drawn,)


@app.cell
def notes(needed, words):
    mo.Html(page.notes(needed, words))


@app.cell
def weeks(needed, plan, words):
    mo.Html(page.weeks(plan, needed, words))


@app.cell
def wanted(words):
    more = mo.ui.switch(label=words.text("page.more"))
    more
    return (more,)


@app.cell
def tornado(found, more, words):
    mo.stop(not more.value)
    mo.Html(page.shown(page.tornado_picture(found, words), "tornado", words, left=0.27))


@app.cell
def trade_off(found, more, words):
    mo.stop(not more.value)
    mo.Html(page.shown(page.trade_off_picture(found, words), "trade_off", words))


@app.cell
def downloads(before, drawn, found, words):
    mo.hstack(
        [
            mo.download(
                lambda: page.kpis_csv(before, found),
                "whatif.csv",
                label=words.text("page.kpis_csv"),
            ),
            mo.download(
                lambda: page.intervals_csv(found),
                "staffing.csv",
                label=words.text("page.intervals_csv"),
            ),
            mo.download(
                lambda: page.png(drawn),
                "week.png",
                label=words.text("page.picture_png"),
            ),
        ],
        justify="start",
        wrap=True,
    )


@app.cell
def named(words):
    name = mo.ui.text("scenario", label=words.text("page.name"))
    file = mo.ui.file([".toml"], label=words.text("page.load"))
    return file, name


@app.cell
def choice(file, set_given, words):
    try:
        loaded = levers.loaded(file.value)
        refused = mo.Html("")
    except StaffcastError as error:
        loaded, refused = {}, mo.Html(page.fault(str(error)))
    chosen = mo.ui.dropdown(
        {name: scenario.texts for name, scenario in loaded.items()},
        label=words.text("page.choose"),
        on_change=lambda changes: set_given(changes or ()),
    )
    return chosen, loaded, refused


@app.cell
def scenarios(chosen, file, loaded, name, refused, scenario, words):
    mine = loaded | {name.value: scenario}
    save = mo.download(
        scenarios_toml(mine).encode(),
        "scenarios.toml",
        "application/toml",
        label=words.text("page.save"),
    )
    controls = mo.hstack([name, save, file, chosen], justify="start", wrap=True)
    mo.vstack([mo.Html(f"<h2>{words.text('page.scenarios')}</h2>"), controls, refused])


if __name__ == "__main__":
    app.run()
