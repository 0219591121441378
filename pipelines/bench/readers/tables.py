"""The figures of readers as a table."""

from pipelines.bench.readers.run import ReadersFigures, Wish
from pipelines.bench.table import Table


def readers_table(figures: ReadersFigures, wish: Wish, load_before: float) -> Table:
    """One column: what happened while versions were published."""
    note = (
        f"{wish.readers} processes open the link, read three marts of {wish.rows:,} rows and close it, each "
        f"tenth time after 20 looks; meanwhile {wish.versions} versions of {figures.file_mib:.1f} MiB are "
        f"published, {wish.pause_s:g} s apart. Load before: {load_before:.2f}."
    )
    median, p99, worst = figures.open_ms
    rows = (
        ("versions published", f"{wish.versions}"),
        ("lasted, s", f"{figures.lasted_s:.1f}"),
        ("openings", f"{figures.openings:,}"),
        ("versions that were read", f"{figures.versions_seen}"),
        ("errors", f"{len(figures.errors)}"),
        ("openings that saw two versions", f"{figures.mixed}"),
        ("openings of an older version than before", f"{figures.gone_back}"),
        ("open, read and close, ms: median", f"{median:.1f}"),
        ("… 99%", f"{p99:.1f}"),
        ("… slowest", f"{worst:.1f}"),
        ("publish, ms: median", f"{figures.publish_ms[0]:.1f}"),
        ("… slowest", f"{figures.publish_ms[1]:.1f}"),
        ("most files there at once", f"{figures.most_files}"),
        ("files left once nobody reads", f"{figures.files_left}"),
    )
    return Table("Readers", note, ("", "figure"), rows)
