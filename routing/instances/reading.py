"""Which format a text has."""

from routing.instances.instance import Instance
from routing.instances.li_lim import read_li_lim
from routing.instances.lines import lines_of
from routing.instances.solomon import read_solomon
from routing.instances.vrplib import read_vrplib


def read_instance(text: str, name: str) -> Instance:
    """The instance in a text, by its looks: VRPLIB, Li and Lim, else Solomon.

    Raises ``ValueError`` that says which line is wrong and why.
    """
    lines = lines_of(text)
    if any(line.text.split(":")[0].strip() == "DIMENSION" for line in lines):
        return read_vrplib(text, name)
    if lines and lines[0].is_numeric:
        return read_li_lim(text, name)
    if any(line.text.upper().startswith("CUST") for line in lines):
        return read_solomon(text)
    raise ValueError(
        f"{name} is none of the formats that are read: Doorstep's own JSON, Solomon (a CUSTOMER table), "
        "Li and Lim (numbers alone), VRPLIB (a DIMENSION)"
    )
