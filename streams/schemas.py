"""The events' contracts as JSON Schema, for those who publish or read without this code."""

import json
from collections.abc import Mapping
from inspect import cleandoc

import msgspec

from streams.events.base import Event
from streams.topics import TOPICS


def json_schema(event_type: type[Event], topic: str) -> str:
    """The JSON Schema of one event of ``topic``, as text that ends with a newline."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{event_type.__name__} on {topic}",
        **msgspec.json.schema(event_type),
    }
    return json.dumps(_with_clean_docstrings(schema), indent=2, ensure_ascii=False) + "\n"


def _with_clean_docstrings(node: object) -> object:
    """``node`` with its descriptions unindented, as Python does by itself from 3.13 on."""
    if isinstance(node, list):
        return [_with_clean_docstrings(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: cleandoc(value)
        if key == "description" and isinstance(value, str)
        else _with_clean_docstrings(value)
        for key, value in node.items()
    }


def contract_files() -> Mapping[str, str]:
    """File name to JSON Schema, one for each topic that carries events."""
    return {
        f"{topic.name}.json": json_schema(topic.event, topic.name)
        for topic in TOPICS
        if topic.event is not None
    }
