"""What Dagster loads: the definitions for the home that the environment names."""

import os

from assets.models.load import load_project
from pipelines.settings import Settings
from pipelines.wiring import MODELS, build_definitions

defs = build_definitions(Settings.from_env(os.environ), load_project(MODELS))
