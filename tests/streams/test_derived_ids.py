from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from streams.events.base import NAMESPACE, derived_id


@given(st.text(), st.lists(st.text() | st.integers() | st.uuids()))
def test_a_derived_id_is_the_version_5_uuid_of_its_causes(kind: str, causes: list[str | int | UUID]) -> None:
    derived = derived_id(kind, *causes)

    known = uuid5(NAMESPACE, "\x1f".join([kind, *map(str, causes)]))
    assert (derived, str(derived), derived.is_safe) == (known, str(known), known.is_safe)
