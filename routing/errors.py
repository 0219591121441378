"""Every error that Doorstep raises on purpose.

    DoorstepError
    ├── ConfigurationError      a setting or a file that a person has to change
    ├── KafkaUnavailable        no broker answers at the configured address
    ├── ContractError           an event that breaks its contract (goes to dead.letters)
    ├── MappingError            an ingest mapping that does not fit its file
    ├── ModelError              a SQL model that does not parse, resolve or pass its tests
    ├── CheckFailed             a blocking data-quality check said no
    └── WebhookFailed           a failed run could not be told to the webhook

Wrong arguments to a constructor or a pure function are plain ``ValueError``s.
"""


class DoorstepError(Exception):
    """Base of the errors that carry a message meant for a person."""


class ConfigurationError(DoorstepError):
    """A setting or a file is missing or wrong; the message names it and what would be right."""


class KafkaUnavailable(DoorstepError):
    """No broker answers at the configured address; the message names the address."""


class ContractError(DoorstepError):
    """An event breaks its contract; the message says which field and why, in words.

    ``rule`` says it without any value of the event, so that it may be counted and shown to anybody.
    """

    def __init__(self, reason: str, rule: str = "the contract is broken") -> None:
        super().__init__(reason)
        self.rule = rule


class MappingError(DoorstepError):
    """An ingest mapping does not fit its file; the message names the column and those that exist."""


class ModelError(DoorstepError):
    """A SQL model does not parse, names an unknown model, or failed its test."""


class CheckFailed(DoorstepError):
    """A blocking data-quality check failed; the message names the check and the figures."""


class WebhookFailed(DoorstepError):
    """A failed run could not be told; the message names the setting and the run, never the secret URL."""
