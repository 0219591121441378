"""Data Docs: the page that Great Expectations makes of a validation, kept beside the warehouse."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

KEPT_PAGES = 200

_HEAD = """<head>
<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline' data:">
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; color: #222; }
  table { border-collapse: collapse; margin: .5rem 0 1rem; }
  td, th { border: 1px solid #ccc; padding: .3rem .6rem; vertical-align: top; text-align: left; }
  .btn, .modal, .navbar, .cooltip, .ge-breadcrumbs, form, nav, img, footer { display: none !important; }
</style>
"""
"""The page would fetch its styles and scripts from ten hosts, and tell them what was looked at."""


def render_page(results: "ExpectationSuiteValidationResult") -> str:
    """A validation result as one HTML page that fetches nothing from elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
        from great_expectations.render.view.view import DefaultJinjaPageView

        content = ValidationResultsPageRenderer().render(results)
        page = str(DefaultJinjaPageView().render(content))  # type: ignore[no-untyped-call]
    return page.replace("<head>", _HEAD, 1)


def keep_page(folder: Path, name: str, page: str) -> Path:
    """Write a page; the newest ``KEPT_PAGES`` are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.html"
    path.write_text(page, encoding="utf-8")
    pages = sorted(folder.glob("*.html"), key=lambda one: one.stat().st_mtime_ns)
    for old in pages[:-KEPT_PAGES]:
        old.unlink()
    return path
