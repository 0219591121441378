"""Settings come from the environment, and say which variable is wrong."""

import pytest

from pipelines.settings import Settings
from routing.errors import ConfigurationError


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOORSTEP_CLOCK", "sundial"),
        ("DOORSTEP_LOG", "xml"),
        ("DOORSTEP_PARTITIONS", "0"),
        ("DOORSTEP_PARTITIONS", "four"),
        ("DOORSTEP_TIME_ZONE", "Foo"),
        ("DOORSTEP_TIME_ZONE", "Europe"),
        ("DOORSTEP_TIME_ZONE", "/etc/passwd"),
        ("DOORSTEP_TIME_ZONE", "UTC'; drop table x"),
        ("DOORSTEP_TOPIC_PREFIX", "my prefix/"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_env({variable: value})

    assert variable in str(refusal.value)
    assert repr(value) in str(refusal.value)


def test_without_any_variable_the_defaults_of_the_docstring_hold() -> None:
    settings = Settings.from_env({})

    assert settings.home.name == "var"
    assert settings.home.is_absolute()
    assert (settings.partitions, settings.topic_prefix, settings.time_zone) == (4, "", "UTC")
    assert settings.is_clock_live
    assert settings.kafka_bootstrap_servers is None


@pytest.mark.parametrize(
    "variable", ["DOORSTEP_FAILURE_WEBHOOK", "DOORSTEP_UI_URL", "DOORSTEP_DATA_DOCS_URL"]
)
@pytest.mark.parametrize("value", ["hooks.example/secret", "ftp://hooks.example/secret", "https://"])
def test_a_wrong_url_is_named_and_not_repeated(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable} is no URL") as refusal:
        Settings.from_env({variable: value})

    assert "secret" not in str(refusal.value)


def test_a_url_loses_its_last_slash() -> None:
    assert Settings.from_env({"DOORSTEP_UI_URL": "https://ops.example/"}).ui_url == "https://ops.example"
