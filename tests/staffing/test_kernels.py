"""Laws of compiled code."""

import ast
from pathlib import Path

import pytest

import staffing

FILES = {
    str(path.relative_to(Path(staffing.__file__).parent)): path
    for path in Path(staffing.__file__).parent.rglob("*.py")
    if "from numba import" in path.read_text(encoding="utf-8")
}


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_each_kernel_is_compiled_for_the_types_that_it_names(path):
    """
    With several sets of types, two processes on a new machine could each keep one
    under the other's name in numba's cache, and every later run would crash.
    """
    kernels = [
        decorator
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if "cache" in ast.unparse(decorator)
    ]
    assert kernels
    for kernel in kernels:
        assert kernel.func.id in {"njit", "vectorize"}, "numba keeps it in two files"
        assert kernel.args, f"{path}:{kernel.lineno}: no types"
        types = kernel.args[0]
        if isinstance(types, ast.List):
            assert len(types.elts) == 1, f"{path}:{kernel.lineno}: several types"
