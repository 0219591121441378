"""Jinja over SQL: the five functions a model may call, and the macros of the folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from routing.errors import ModelError

CONFIG_KEYS = {
    "materialized",
    "incremental_strategy",
    "event_time",
    "batch_size",
    "begin",
    "unique_key",
}
META_KEYS = {"begins", "ends", "date_by_date"}


@dataclass(frozen=True, slots=True)
class Calls:
    """What a template asked for while it was rendered."""

    refs: tuple[str, ...]
    sources: tuple[str, ...]
    config: Mapping[str, str]


def read_macros(folder: Path) -> str:
    """The text of ``macros/*.sql``, to stand before every template."""
    return "".join(path.read_text() for path in sorted((folder / "macros").glob("*.sql")))


def find_calls(path: Path, sql: str, macros: str) -> Calls:
    """Render once to see what the model refers to and how it wants to be built."""
    refs: list[str] = []
    sources: list[str] = []
    config: dict[str, str] = {}

    def ref(name: str) -> str:
        refs.append(name)
        return name

    def source(schema: str, name: str) -> str:
        if schema != "lake":
            raise ModelError(f"{path}: source({schema!r}, …): the only source is 'lake'")
        sources.append(name)
        return name

    def configure(meta: Mapping[str, str] | None = None, **options: str) -> str:
        options = {**options, **(meta or {})}
        unknown = options.keys() - CONFIG_KEYS - META_KEYS
        if unknown:
            raise ModelError(f"{path}: config() does not know {', '.join(sorted(unknown))}")
        config.update(options)
        return ""

    render(path, sql, macros, ref, source, lambda name: name, configure)
    return Calls(tuple(dict.fromkeys(refs)), tuple(dict.fromkeys(sources)), config)


def render(
    path: Path,
    sql: str,
    macros: str,
    ref: Callable[[str], str],
    source: Callable[[str, str], str],
    var: Callable[[str], str],
    config: Callable[..., str] = lambda **_: "",
) -> str:
    """The SQL of a template. Raises ``ModelError`` naming the file for what Jinja does not understand."""
    calls = {"ref": ref, "source": source, "var": var, "config": config}
    try:
        # Compiling the macros anew for each model took most of a second a build.
        known = vars(_compiled(macros).make_module(calls)) if macros else {}
        named = {name: macro for name, macro in known.items() if not name.startswith("_")}
        return _compiled(sql).render(**named, **calls).strip()
    except jinja2.TemplateError as error:
        raise ModelError(f"{path}: {error}") from error


@cache
def _compiled(text: str) -> jinja2.Template:
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(text)
