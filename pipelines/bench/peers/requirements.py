"""What the peers need: the extra ``bench`` or ``dbt`` of a pyproject.toml, one package a line."""

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Print it; the project itself is not installed there."""
    project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
    print(*project["optional-dependencies"][sys.argv[2]], sep="\n")


if __name__ == "__main__":
    main()
