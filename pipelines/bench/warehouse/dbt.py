"""The models of a build through dbt-duckdb: a generated project of the same SQL, run by dbt as its users do.

Each model is the compiled SQL with its references as dbt wants them named; incremental ones delete and insert
by service date. dbt has no tests, ledger, checks or log of versions to do here, and publishes no file.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from assets.models.project import DateRange, Model
from assets.models.runner import Runner
from pipelines.bench.warehouse.measured import Measured, measure

PROJECT = """name: doorstep
version: "1.0"
config-version: 2
profile: doorstep
flags: {send_anonymous_usage_stats: false}
models: {doorstep: {+materialized: table}}
"""

PROFILE = """doorstep:
  target: bench
  outputs:
    bench:
      type: duckdb
      path: DATABASE
      threads: 1
      module_paths: [FOLDER]
      plugins: [{module: pseudonym_plugin, config: {key: KEY}}]
"""

SCHEMAS = """{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name }}{% endmacro %}
"""

PLUGIN = """from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

from assets.pseudonyms import read_key, set_key
from assets.session import SESSION


class Plugin(BasePlugin):
    def initialize(self, plugin_config):
        self.key = read_key(Path(plugin_config["key"]))

    def configure_cursor(self, cursor):
        cursor.execute("; ".join(SESSION))
        set_key(cursor, self.key)
"""


def dbt_beside(peers_python: Path) -> Path:
    """dbt, in an environment of its own beside that of the other peers."""
    return peers_python.parents[2] / "dbt-venv" / "bin" / "dbt"


def write_project(folder: Path, runner: Runner, dates: DateRange, database: Path, key: Path) -> int:
    """Write a dbt project that builds ``dates`` into ``database``; how many models it has."""
    settings = {"DATABASE": database, "FOLDER": folder, "KEY": key}
    for name, text in (
        ("dbt_project.yml", PROJECT),
        ("profiles.yml", _filled(PROFILE, settings)),
        ("macros/schemas.sql", SCHEMAS),
        ("pseudonym_plugin.py", PLUGIN),
        *(
            (f"models/{model.layer}/{model.name}.sql", model_sql(model, runner.sql_of(model, dates), dates))
            for model in runner.project.models
        ),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return len(runner.project.models)


def model_sql(model: Model, sql: str, dates: DateRange) -> str:
    """A model as dbt reads it."""
    config = {"schema": model.layer} | ({"materialized": "view"} if model.is_view else {})
    if model.is_incremental:
        # Rows that are found by their id may stand on another date than the one that is built.
        by = model.unique_key or model.event_time or ""
        config |= {
            "materialized": "incremental",
            "incremental_strategy": "delete+insert",
            "unique_key": by,
        }
        if model.unique_key is None:
            within = f"{model.event_time} between '{dates.first}' and '{dates.last}'"
            sql = f"select * from ({sql}) where {within}"
    options = ", ".join(f"{name}={json.dumps(value)}" for name, value in config.items())
    refs = "".join(f"-- depends_on: {{{{ ref('{name}') }}}}\n" for name in model.refs)
    return f"{{{{ config({options}) }}}}\n{refs}{{% raw %}}\n{sql}\n{{% endraw %}}\n"


def run_project(dbt: Path, folder: Path, within_s: float) -> Measured:
    """Let ``dbt`` build the project. Raises ``DoorstepError`` with its words where it fails."""
    places = [
        "--project-dir",
        str(folder),
        "--profiles-dir",
        str(folder),
        "--target-path",
        str(folder / "target"),
    ]
    command = [str(dbt), "--no-use-colors", "--log-path", str(folder / "logs"), "run", *places]
    return measure(command, {"DO_NOT_TRACK": "1"}, within_s)


def _filled(text: str, settings: Mapping[str, Path]) -> str:
    for name, path in settings.items():
        text = text.replace(name, json.dumps(str(path)))
    return text
