"""Superset in an environment and a home of its own: what has to be there before it can be opened."""

import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.bi.bundle import write_bundle
from routing.errors import ConfigurationError

USER = "admin"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Superset:
    """Where all of it is: its programs, its home, and what ``deploy/bi`` holds."""

    programs: Path
    home: Path
    deployed: Path

    @property
    def password(self) -> str:
        """The administrator's, made at the first start."""
        return (self.home / "password").read_text(encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What Superset finds itself and its settings by."""
        return {
            "FLASK_APP": "superset.app:create_app()",
            "SUPERSET_CONFIG_PATH": str(self.deployed / "superset_config.py"),
            "SUPERSET_HOME": str(self.home),
        }

    @property
    def log(self) -> Path:
        """What Superset says while it is prepared."""
        return self.home / "prepare.log"


def prepare(superset: Superset, published: Path, environ: Mapping[str, str], tell: Tell) -> None:
    """Superset's own database, its administrator, and what is imported; what is done already is quick.

    What was imported before is written over; what people made beside it stays. Raises
    ``ConfigurationError`` where Superset is not installed, or a step of it fails.
    """
    program = superset.programs / "superset"
    if not program.exists():
        raise ConfigurationError(f"there is no Superset at {program}; `make bi` installs it")
    superset.home.mkdir(parents=True, exist_ok=True)
    bundle = superset.home / "import"
    if bundle.exists():
        shutil.rmtree(bundle)
    write_bundle(superset.deployed, bundle, published)
    superset.log.write_bytes(b"")

    def run(*arguments: str, answers: str = "") -> None:
        _run(superset, [str(program), *arguments], environ, answers)

    _set_up(superset, run, tell)
    tell("Importing the dashboard and its datasets")
    run("import-directory", str(bundle), "--overwrite")


def _set_up(superset: Superset, run: Callable[..., None], tell: Tell) -> None:
    """Once for each set of versions; a first time that was interrupted is begun anew."""
    mark = superset.home / "prepared"
    versions = hashlib.sha256((superset.deployed / "requirements.lock").read_bytes()).hexdigest()
    if mark.exists() and mark.read_text(encoding="utf-8") == versions:
        return
    tell("Preparing Superset's own database; once, a minute or two")
    if not mark.exists():
        (superset.home / "superset.db").unlink(missing_ok=True)
        for name in ("secret_key", "password"):
            _write_secret(superset.home / name)
    run("db", "upgrade")
    if not mark.exists():
        names = ("--username", USER, "--firstname", USER, "--lastname", USER, "--email", f"{USER}@localhost")
        run("fab", "create-admin", *names, answers=f"{superset.password}\n" * 2)
    run("init")
    mark.write_text(versions, encoding="utf-8")


def _write_secret(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32), encoding="utf-8")


def _run(superset: Superset, arguments: list[str], environ: Mapping[str, str], answers: str) -> None:
    """A session of its own has no terminal, so that a question about a password is answered by us."""
    with superset.log.open("ab") as log:
        done = subprocess.run(
            arguments,
            env={**environ, **superset.environment},
            input=answers.encode(),
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    if done.returncode != 0:
        raise ConfigurationError(f"{' '.join(arguments[:3])} failed; what it said is in {superset.log}")


def serve(superset: Superset, environ: Mapping[str, str], port: int) -> None:
    """Become Superset's server, on loopback; it ends by Ctrl-C."""
    program = superset.programs / "gunicorn"
    served = [
        "--bind",
        f"127.0.0.1:{port}",
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--timeout",
        "120",
    ]
    arguments = [str(program), *served, "--log-level", "warning", superset.environment["FLASK_APP"]]
    os.execve(program, arguments, {**environ, **superset.environment})
