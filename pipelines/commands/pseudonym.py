"""``doorstep pseudonym``."""

import os

import click

from assets.pseudonyms import KINDS, pseudonym, read_key
from pipelines.settings import Settings


@click.command("pseudonym")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("raw_id", metavar="ID")
def command(kind: str, raw_id: str) -> None:
    """Print what stands for a driver's or a customer's id in the warehouse and in what is published.

    It takes the key of pseudonyms, which only the operator has; nothing leads back from one to the id.
    """
    key = read_key(Settings.from_env(os.environ).pseudonym_key)
    click.echo(pseudonym(key, kind, raw_id))
