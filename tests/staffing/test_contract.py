import ast
from pathlib import Path

import pytest

import staffing

PACKAGE = Path(staffing.__file__).parent
SILENT = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in ("cli", "erlang")
)


@pytest.mark.parametrize(
    "path", SILENT, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_nothing_but_the_command_line_prints_or_exits(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            assert node.id not in ("print", "input", "exit", "quit", "breakpoint")
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("stdout", "stderr", "stdin", "exit", "argv")
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] + [
                getattr(node, "module", "") or ""
            ]
            assert not {"sys", "typer", "logging", "warnings"} & set(modules)
