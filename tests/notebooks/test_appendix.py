"""The appendix with a reader's own file: counts that are no images, without names, from few to
many."""

import csv
import importlib.util

import numpy as np
from execute import FOLDER, run
from sweep import check_outputs

NAME = "appendix_your_own_model.ipynb"


def test_a_readers_own_table_runs_and_its_results_are_kept(tmp_path):
    rng = np.random.default_rng(3)
    calls = rng.poisson([0.2, 3.0, 40.0, 20_000.0], (6, 4))  # by day, at four telephones
    np.savetxt(tmp_path / "calls.csv", calls, fmt="%d", delimiter=",")
    given = {
        "csv_path": str(tmp_path / "calls.csv"),
        "expected_count": 12.5,
        "prior_strength": 0.1,
        "seed": 1,
    }
    run(FOLDER / NAME, tmp_path / NAME, given | {"results_folder": str(tmp_path / "results")})
    check_outputs(tmp_path / NAME, "appendix")
    with open(tmp_path / "results" / "posterior.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header[:4] == ["name", "concentration", "rate", "mean"]
    assert [row[0] for row in rows] == ["column 1", "column 2", "column 3", "column 4"]
    exact = (0.1 * 12.5 + calls.sum(axis=0)) / (0.1 + 6)
    deviation = np.sqrt(0.1 * 12.5 + calls.sum(axis=0)) / (0.1 + 6)
    # KL below 0.001
    assert np.all(np.abs(np.array([row[3] for row in rows], float) - exact) < 0.05 * deviation)
    assert (tmp_path / "results" / "draws.nc").exists() == bool(importlib.util.find_spec("arviz"))
