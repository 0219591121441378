import inspect
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pipelines import documentation
from pipelines.settings import Settings
from streams.schemas import contract_files

ROOT = Path(__file__).parents[1]
PACKAGES = ("routing", "streams", "assets", "pipelines")
VARIABLE = re.compile(r"\b(?:DOORSTEP_[A-Z_]+|KAFKA_BOOTSTRAP_SERVERS)\b")


def assert_up_to_date(path: Path, text: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else None
    assert written == text, f"{path} is not what the code says: run `make docs` and commit what it writes"


def test_every_command_and_option_is_documented() -> None:
    assert_up_to_date(Path("docs/commands.md"), documentation.render_command_docs())


def test_the_page_of_settings_is_up_to_date() -> None:
    assert_up_to_date(Path("docs/settings.md"), documentation.render_settings_docs())


def test_the_page_of_topics_is_up_to_date() -> None:
    assert_up_to_date(Path("docs/topics.md"), documentation.render_topic_docs())


def test_the_page_of_rules_is_up_to_date() -> None:
    assert_up_to_date(Path("docs/rules.md"), documentation.render_rule_docs())


def test_the_re_planning_case_is_drawn_and_told_as_it_is_computed() -> None:
    pages = documentation.render_replanning_docs()

    assert {path.suffix for path in pages} == {".md", ".svg"}
    for path, text in pages.items():
        assert_up_to_date(path, text)


@pytest.mark.parametrize("name", contract_files())
def test_the_json_schema_of_every_topic_is_up_to_date(name: str) -> None:
    assert_up_to_date(Path("streams/contracts", name), contract_files()[name])


def test_no_json_schema_is_left_of_a_topic_that_is_gone() -> None:
    assert {path.name for path in (ROOT / "streams/contracts").glob("*.json")} == set(contract_files())


def test_json_schemas_are_valid_schemas() -> None:
    for text in contract_files().values():
        Draft202012Validator.check_schema(json.loads(text))


def test_every_setting_that_is_read_is_in_the_table() -> None:
    documented = set(VARIABLE.findall(documentation.render_settings_docs()))

    read = set(VARIABLE.findall(inspect.getsource(Settings.from_env)))

    assert read == documented


@pytest.mark.parametrize("package", PACKAGES)
def test_no_variable_is_named_in_the_code_that_is_no_setting(package: str) -> None:
    documented = set(VARIABLE.findall(documentation.render_settings_docs()))

    named = {
        (variable, str(path.relative_to(ROOT)))
        for path in (ROOT / package).rglob("*.py")
        for variable in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }

    assert {found for found in named if found[0] not in documented} == set()
