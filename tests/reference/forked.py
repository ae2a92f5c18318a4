"""
The command in forked processes: imported once, then raced or killed many times.

python forked.py race PROCESSES ROUNDS ARGUMENT... prints, for each round, each
process's [exit code, words]; the folder after --out is emptied before each round.
python forked.py kill TIMES SEED ARGUMENT... kills runs at random moments, and
prints for each [how it ended, files of the folder, are those of its manifest right?,
exit code of a run after it, files then, are they a clean run's?].
python forked.py full STEP MOST ARGUMENT... lets no file grow beyond so many bytes.
"""

import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import staffing.report.page
from staffing.cli import main

PLAIN = {"run.json"}  # tells times


def started(arguments, log):
    """A run in a process of its own, whose words go to a file."""
    process = os.fork()
    if process:
        return process
    code = 99
    try:
        code = run(arguments, log)
    finally:
        os._exit(code)


def run(arguments, log):
    """The exit code of a run in this process, whose words go to a file."""
    sys.argv = ["staffcast", *arguments]
    with (
        open(log, "w") as words,
        open(os.devnull, "w") as nothing,
        contextlib.redirect_stderr(words),
        contextlib.redirect_stdout(nothing),
    ):
        try:
            main()
        except SystemExit as ending:
            return int(ending.code or 0)


def ended(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def found(folder):
    """SHA-256 of each file, by its path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_right(folder):
    """Are the files those of the manifest, or is there no manifest?"""
    manifest = folder / "run.json"
    if not manifest.exists():
        return True
    files = found(folder)
    outputs = json.loads(manifest.read_bytes())["outputs"]
    return all(files.get(name) == digest for name, digest in outputs.items())


def race(processes, rounds, arguments):
    folder = Path(arguments[arguments.index("--out") + 1])
    run(arguments, folder.with_name("log"))  # imported, compiled, kept
    for _ in range(rounds):
        shutil.rmtree(folder, ignore_errors=True)
        logs = [folder.with_name(f"log{i}") for i in range(processes)]
        running = [started(arguments, log) for log in logs]
        codes = [ended(process) for process in running]
        yield (
            [[code, log.read_text()] for code, log in zip(codes, logs, strict=True)],
            sorted(found(folder)),
        )


def kill(times, seed, arguments):
    folder = Path(arguments[arguments.index("--out") + 1])
    log = folder.with_name("log")
    run(arguments, log)  # imported, compiled, kept
    begun = time.monotonic()
    ended(started(arguments, log))
    lasts = time.monotonic() - begun
    clean = found(folder)
    chance = random.Random(seed)  # noqa: S311 - moments, no secret
    for _ in range(times):
        process = started(arguments, log)
        # half of them while it writes, which is quick and comes last
        late = chance.random() < 0.5
        time.sleep(lasts * chance.uniform(0.9 if late else 0.0, 1.02))
        os.kill(process, signal.SIGKILL)
        how = ended(process)
        left, right = sorted(found(folder)), is_right(folder)
        code, after = ended(started(arguments, log)), found(folder)
        same = {n: after.get(n) for n in clean if n not in PLAIN} == {
            n: digest for n, digest in clean.items() if n not in PLAIN
        }
        yield how, left, right, code, sorted(after), same


def full(step, most, arguments):
    """Runs for which no file may grow beyond 0, step … bytes: a disk that is full."""
    folder = Path(arguments[arguments.index("--out") + 1])
    log = folder.with_name("log")
    run([*arguments, "--month", "2026-04"], log)  # an older plan
    before = found(folder)
    for size in range(0, most, step):
        process = os.fork()
        if not process:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            os._exit(run(arguments, "/dev/null"))
        yield ended(process), found(folder) == before
    yield run(arguments, log), sorted(found(folder))


if __name__ == "__main__":
    staffing.report.page.svg_uri = lambda figure: "data:,"  # a picture takes long
    what, first, second, *rest = sys.argv[1:]
    does = {"race": race, "kill": kill, "full": full}[what]
    print(json.dumps(list(does(int(first), int(second), rest))))
