import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("routing", "streams", "assets", "pipelines")
MAY_IMPORT_THE_SIMULATOR = {"pipelines.commands.simulate", "pipelines.commands.demo"}
HIDDEN_INPUTS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
    "datetime.datetime.utcnow", "datetime.date.today", "time.time", "time.time_ns", "os.environ", "os.getenv",
}  # fmt: skip
"""The wall clock and the environment, as they are written."""


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module's dotted name with its syntax tree."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """What a module imports, wherever in it; ``from a import b`` counts as ``a`` and ``a.b``."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def hidden_inputs(tree: ast.Module) -> set[str]:
    """Where a module reads the clock or the environment, or throws dice without a seed."""
    found = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & HIDDEN_INPUTS
    calls = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return found | {call for call in calls if call.endswith("default_rng()") or call == "Random()"}


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_imports_point_down() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


def test_nobody_but_the_simulator_knows_the_truth() -> None:
    who = {
        name
        for name, tree in modules(*PACKAGES)
        if not is_within(name, "streams.simulator")
        and any(is_within(module, "streams.simulator.truth") for module in imported(tree))
    }

    assert who == set()


def test_only_the_commands_that_play_a_day_know_the_simulator() -> None:
    who = {
        name
        for name, tree in modules(*PACKAGES)
        if not is_within(name, "streams.simulator")
        and any(is_within(module, "streams.simulator") for module in imported(tree))
    }

    assert who <= MAY_IMPORT_THE_SIMULATOR


def test_clock_environment_and_dice_enter_through_pipelines_alone() -> None:
    found = {
        name: inputs
        for name, tree in modules("routing", "streams", "assets")
        if (inputs := hidden_inputs(tree))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from datetime import datetime\nnow = datetime.now(UTC)", {"datetime.now"}),
        ("import os\nhome = os.environ['HOME']", {"os.environ"}),
        ("rng = np.random.default_rng()", {"np.random.default_rng()"}),
        ("rng = np.random.default_rng(seed)", set()),
        ("started = time.monotonic()", set()),
    ],
)
def test_what_counts_as_a_hidden_input(source: str, found: set[str]) -> None:
    assert hidden_inputs(ast.parse(source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "import streams.simulator.truth",
        "from streams.simulator import truth",
        "from streams.simulator.truth import Day",
        "def late() -> None:\n    from streams.simulator.truth import Day",
    ],
)
def test_what_counts_as_importing_the_truth(source: str) -> None:
    assert any(is_within(name, "streams.simulator.truth") for name in imported(ast.parse(source)))


def test_who_reads_the_contracts_loads_no_solver() -> None:
    program = "import sys, streams.topics; print(*sorted({'pyvrp', 'ortools'} & sys.modules.keys()))"

    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == ""
