"""Where each file of a study lies; names come from hashes, never from what users call things."""

__all__ = [
    "ENVIRONMENT",
    "FINDINGS",
    "SCORES",
    "STUDY",
    "VARIANTS",
    "average",
    "average_models",
    "block_id",
    "done",
    "models",
    "predictions",
    "probe_examples",
    "stress_index",
]

STUDY = "study.yaml"
ENVIRONMENT = "environment.json"
VARIANTS = "variants.parquet"
SCORES = "scores.parquet"
FINDINGS = "findings.json"


def block_id(number: int) -> str:
    """Return the id of a block: ``b0000``, ``b0001``, ..."""
    return f"b{number:04d}"


def done(block: str) -> str:
    """Return the file that commits a block."""
    return f"blocks/{block}/done.json"


def models(block: str) -> str:
    """Return the folder of a block's models."""
    return f"blocks/{block}/models"


def predictions(block: str, probe_key: str) -> str:
    """Return the file with a block's predictions on a probe."""
    return f"blocks/{block}/{probe_key}.parquet"


def average(name: str, probe_key: str) -> str:
    """Return the file with what a mean of several models said of a probe."""
    return f"averages/{name}/{probe_key}.parquet"


def average_models(name: str) -> str:
    """Return the folder of such a model itself."""
    return f"averages/{name}/models"


def probe_examples(probe_key: str) -> str:
    """Return the file with a probe's ids, labels, clusters and groups."""
    return f"probes/{probe_key}.parquet"


def stress_index(stress_key: str) -> str:
    """Return the file that lists the probes of one stress test."""
    return f"probes/{stress_key}.json"
