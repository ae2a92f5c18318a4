import time

import pytest

from staffing.config.read import find_line

TEXT = '''\
# min_agents = 5 stands in a comment
history = "history.csv"  # months = 3

interval_s = 900
rows = { absent_rows = "zero", exclude = { call_type = ["TOTAL"] } }
"queue" = "One"
format.decimal = ","
format . 'thousands' = "."

[holidays]
country = "IT"

[[events]]
name = "a"
dates = [
    "2026-12-03",
    # days = 7
    "2026-12-04",
]
days = 2

[[events]]
name = """
months = 99
[staffing]
"""
note = \'\'\'
[targets]
\'\'\'
days = 3

[queues."A = [b] # c".hours]
mon-fri = "08:00-20:00"

[ queues . 'D' ]
min_agents = 2

[staffing]
shrinkage.leave = { share = 0.1, rostered = true }

[staffing.shrinkage.sickness]
share = 0.05
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["history"], 2),
        (["interval_s"], 4),
        (["rows"], 5),
        (["rows", "absent_rows"], 5),
        (["rows", "exclude", "call_type", 0], 5),
        (["queue"], 6),
        (["format", "decimal"], 7),
        (["format", "thousands"], 8),
        (["holidays"], 10),
        (["holidays", "country"], 11),
        (["events", 0], 13),
        (["events", 0, "name"], 14),
        (["events", 0, "dates", 1], 15),
        (["events", 0, "days"], 20),
        (["events", 1], 22),
        (["events", 1, "name"], 23),
        (["events", 1, "note"], 27),
        (["events", 1, "days"], 30),
        (["queues", "A = [b] # c"], 32),
        (["queues", "A = [b] # c", "hours", "mon-fri"], 33),
        (["queues", "D", "min_agents"], 36),
        (["staffing"], 38),
        (["staffing", "shrinkage", "leave", "share"], 39),
        (["staffing", "shrinkage", "sickness"], 41),
        (["staffing", "shrinkage", "sickness", "share"], 42),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_is_found_on_the_line_where_its_statement_begins(keys, line, newline):
    assert find_line(TEXT.replace("\n", newline), keys) == line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["holidays", "site"], 10),
        (["events", 0, "queues", 0], 13),
        (["events", 1, "queues"], 22),
        (["queues", "D", "hours", "mon"], 35),
        (["months"], None),
        (["targets", "asa_s"], None),
        ([], None),
    ],
)
def test_a_key_that_is_absent_is_found_where_its_table_begins(keys, line):
    assert find_line(TEXT, keys) == line


def test_a_config_of_thousands_of_lines_is_searched_in_a_blink():
    events = [f'[[events]]\nname = "e{n}"\ndates = ["2026-12-03"]' for n in range(1000)]
    text = "\n".join(events)
    began = time.process_time()
    assert find_line(text, ["events", 900, "dates"]) == 2703
    assert time.process_time() - began < 2.0
