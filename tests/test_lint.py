"""What is read is never run: the linter sees to it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUFF = Path(sys.executable).with_name("ruff")
OURS = ("forecast", "staffing", "notebooks", "data")
WAIVER = re.compile(r"noqa(: .*(S102|S3|S5|S6|TID)|$)")
PLANTED = {
    "import pickle": "TID251",
    "from pickle import loads": "TID251",
    "import marshal": "TID251",
    "import shelve": "TID251",
    "import dill": "TID251",
    "import cloudpickle": "TID251",
    "import joblib": "TID251",
    "from joblib import load": "TID251",
    "import yaml": "TID251",
    "import numpy as np; np.load('f', allow_pickle=True)": "TID251",
    "import pandas as pd; pd.read_pickle('f')": "TID251",
    "import pandas as pd; pd.read_hdf('f')": "TID251",
    "import pandas as pd; pd.eval('1')": "TID251",
    "import os; os.system('ls')": "TID251",
    "import os; os.popen('ls')": "TID251",
    "import os; os.execv('ls', [])": "S606",
    "import subprocess; subprocess.run('ls', shell=True)": "S602",
    "import subprocess; subprocess.getoutput('ls')": "S605",
    "import subprocess; subprocess.run(['/bin/ls', name])": "S603",
    "eval('1')": "S307",
    "exec('1')": "S102",
    "from xml.etree import ElementTree; ElementTree.parse('f')": "S314",
}


def codes_of(lines, place):
    """The rules that the linter finds broken in each line of a file."""
    done = subprocess.run(
        [RUFF, "check", "--output-format", "concise", "--stdin-filename", place, "-"],
        input="\n".join(lines),
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=False,
    )
    found = {number: set() for number, _ in enumerate(lines, 1)}
    for number, code in re.findall(r"^\S+:(\d+):\d+: (\w+) ", done.stdout, re.M):
        found[int(number)].add(code)
    return dict(zip(lines, found.values(), strict=True))


@pytest.mark.parametrize("folder", OURS)
def test_what_runs_what_it_reads_is_refused(folder):
    found = codes_of(list(PLANTED), f"{folder}/planted.py")
    assert {
        text: code for text, code in PLANTED.items() if code not in found[text]
    } == {}


def test_only_the_engines_unpickle():
    assert (
        "TID251"
        not in codes_of(["import pickle"], "forecast/engine/x.py")["import pickle"]
    )
    waived = {
        str(path.parent.relative_to(ROOT))
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if WAIVER.search(line) and "allow_pickle=False" not in line
    }
    assert waived == {"forecast/engine"}
