"""
The parts of README.md that are made, not written: outputs and the glossary.

``python tests/docs/readme.py`` writes them anew; the test compares them. In a
block marked ``console``, lines that begin with ``$ `` are run one after the other
in a folder that holds a copy of data/, and what they print follows them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from forecast.columns import glossary

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def rendered(text: str) -> str:
    """The README's text with every made part made anew."""
    text = re.sub(
        r"(<!-- glossary -->\n).*?(\n<!-- /glossary -->)",
        lambda match: match[1] + glossary() + match[2],
        text,
        flags=re.DOTALL,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "data", folder / "data")
        return re.sub(
            r"```console\n(.*?)```",
            lambda match: f"```console\n{_session(match[1], folder)}```",
            text,
            flags=re.DOTALL,
        )


def _session(block: str, folder: Path) -> str:
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{_output(command, folder)}" for command in commands)


def _output(command: str, folder: Path) -> str:
    scripts = str(Path(sys.executable).parent)
    kept = {k: os.environ[k] for k in ("STAFFCAST_CACHE",) if k in os.environ}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"PATH": f"{scripts}:/usr/bin:/bin", "HOME": str(folder)} | kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        return f"{done.stdout}(exit code {done.returncode})\n"
    return done.stdout


if __name__ == "__main__":
    README.write_text(rendered(README.read_text()))
