"""
The command with each of its calls that write failing, one after the other.

python faulty.py WORK ERROR FIRST STEP PLACE LASTING ARGUMENT... runs the command with
the FIRST, FIRST + STEP, … call that it makes below the folder WORK failing for the
reason ERROR ("EIO"), until a run ends before it, and prints what was in WORK, and then
for each [call, file, exit code, words, what is in WORK after it, exit code of a run
after that, what is there then]; last those of a run without a fault. Before each run
WORK is made what it was. PLACE is "start", or "writing": what a run does before it
writes its files is done once. LASTING is "once", or "lasting": later calls fail too.
"""

import errno
import itertools
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from reference.failing_calls import fork_failing
from reference.forked import ended, found, run

import staffing.report.claim
import staffing.report.folder
import staffing.report.page


def state(folder):
    """SHA-256 of each file, and nothing for each folder, by the path."""
    folders = (path for path in folder.rglob("*") if path.is_dir())
    return found(folder) | {str(path.relative_to(folder)): None for path in folders}


def results(work, error, first, step, lasting, go):
    """What becomes of each fault; ``go`` is what a process does, to its end."""
    kept, log = work.with_name("kept"), work.with_name("log")
    shutil.copytree(work, kept)
    yield state(work)

    def restored():
        shutil.rmtree(work)
        shutil.copytree(kept, work)

    for number in itertools.count(first, step):
        restored()
        result = fork_failing(work, number, error, lasting=lasting)
        if result is None:
            go(log)
        words, left = log.read_text(), state(work)
        after = os.fork()
        if not after:
            go(os.devnull)
        code = ended(after)
        file = result.path and os.path.relpath(result.path, work)
        yield result.call, file, result.code, words, left, code, state(work)
        if result.call is None:
            return


def from_start(arguments):
    """Run the command in this process, and end it."""
    return lambda log: os._exit(run(arguments, log))


class Writing(Exception):
    """A run has come to where it writes its files."""


def main(work, error, first, step, place, lasting, *arguments):
    work, number = Path(work), getattr(errno, error)
    how = (work, number, int(first), int(step), lasting == "lasting")
    run([*arguments, "--help"], os.devnull)  # imported
    if place == "start":
        print(json.dumps(list(results(*how, from_start(arguments)))))
        return
    real, process = staffing.report.folder.claimed, os.getpid()

    def go_on(log):
        sys.stderr = Path(log).open("w")  # noqa: SIM115 - until this process ends
        raise Writing

    @contextmanager
    def claimed(folder):
        if os.getpid() == process:
            try:
                told = json.dumps(list(results(*how, go_on)))
                Path("/dev/stdout").write_text(told)
                os._exit(0)
            except Writing:
                pass
        with real(folder):
            yield

    staffing.report.folder.claimed = claimed
    os._exit(run(arguments, os.devnull))


if __name__ == "__main__":
    staffing.report.page.svg_uri = lambda figure: "data:,"  # a picture takes long
    main(*sys.argv[1:])
