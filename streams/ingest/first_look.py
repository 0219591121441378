"""A file's first bytes and its header, before its first row: what it is when it is not what its name says."""

from pathlib import Path

from routing.errors import ConfigurationError
from streams.ingest.names import escaped

LOOK_BYTES = 65_536
UTF_8_MARK = b"\xef\xbb\xbf"

_NO_TEXT = (
    (b"\x1f\x8b", "compressed by gzip; unpack it"),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet; unpack it, or save the sheet as CSV"),
    (b"PAR1", "Parquet; name it .parquet"),
    (b"\xff\xfe", "UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16; save it as UTF-8"),
)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def check_is_text(path: Path) -> None:
    """Raise ``ConfigurationError`` for a file that is empty, or by its beginning no text in UTF-8.

    That is a mark of something else in its first bytes, or a zero byte in its first line; nothing behind.
    """
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES).removeprefix(UTF_8_MARK)
    if not start:
        raise ConfigurationError(f"{path}, line 1: the file is empty")
    for mark, what in _NO_TEXT:
        if start.startswith(mark):
            raise ConfigurationError(f"{path}, line 1: the file is {what}")
    if b"\0" in start.partition(b"\n")[0]:
        raise ConfigurationError(f"{path}, line 1: the file is no text in UTF-8, there are zero bytes in it")


def check_header(path: Path, columns: tuple[str, ...]) -> None:
    """Raise ``ConfigurationError`` for the first row of a CSV that doesn't name columns, or one twice."""
    where = f"{path}, line 1"
    if not any(columns):
        raise ConfigurationError(f"{where}: the line is blank; the names of the columns belong there")
    wrong = next((name for name in columns if not _is_utf8(name)), None)
    if wrong is not None:
        raise ConfigurationError(f"{where}: column {escaped(wrong)} is not UTF-8; save the file as UTF-8")
    for sign, words in _SEPARATORS.items():
        if len(columns) == 1 and sign in columns[0]:
            raise ConfigurationError(
                f"{where}: values are separated by {words}, and commas would be right: {escaped(columns[0])}"
            )
    twice = next((name for number, name in enumerate(columns) if name in columns[:number]), None)
    if twice is not None:
        raise ConfigurationError(f"{where}: two columns of the same name: {escaped(twice)!r}")


def _is_utf8(name: str) -> bool:
    """Bytes that are no UTF-8 were read as the surrogates that stand for them."""
    return not any("\udc80" <= sign <= "\udcff" for sign in name)
