"""A deployment of the whole product for a test module."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.product import Product


@pytest.fixture
def product(kafka: str, tmp_path: Path) -> Product:
    """An empty deployment with its topics."""
    deployment = Product(tmp_path, kafka, f"e{uuid4().hex[:10]}.")
    deployment.run("topics", "create")
    return deployment


@pytest.fixture(scope="module")
def history(
    kafka: str, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Product, dict[str, dict[str, object]]]:
    """Two real histories through the front door (one of them twice): judged, landed and built.

    The deployment and what each ingest said of itself, by name.
    """
    deployment = Product(tmp_path_factory.mktemp("history"), kafka, f"e{uuid4().hex[:10]}.")
    deployment.run("topics", "create")
    mappings = Path(__file__).parents[2] / "examples" / "mappings"
    files = {
        "madison": (
            shared_data / "madison_bus" / "pings_2025-09_to_10.parquet",
            mappings / "madison_bus.yml",
        ),
        "olist": (shared_data / "olist" / "olist_orders_dataset.csv", mappings / "olist_orders.yml"),
    }
    with deployment.running("worker"):
        said = {
            name: json.loads(deployment.run("ingest", str(file), f"--mapping={mapping}", "--json"))
            for name, (file, mapping) in files.items()
        }
        olist, mapping = files["olist"]
        deployment.run("ingest", str(olist), f"--mapping={mapping}")
        deployment.settle()
    deployment.run("land", "--once")
    deployment.run("build")
    return deployment, said
