"""The appendix with a reader's own file: counts that are no images, without names, from few to
many; and tables that hold what its checks look for."""

import contextlib
import csv
import importlib.util
import io
import json

import numpy as np
import pytest
from execute import FOLDER, run
from sweep import check_outputs

NAME = "appendix_your_own_model.ipynb"


def test_a_readers_own_table_runs_and_its_results_are_kept(tmp_path):
    rng = np.random.default_rng(3)
    hours = np.array([8, 24, 24, 12.5, 24, 2])
    calls = rng.poisson(hours[:, None] * [0.2, 3.0, 40.0, 20_000.0])  # by day, at four telephones
    rows = np.column_stack([hours, calls, range(3, 9)])
    head = "hours,a,b,c,d,month"
    np.savetxt(tmp_path / "calls.csv", rows, fmt="%g", delimiter=",", header=head, comments="")
    given = {
        "csv_path": str(tmp_path / "calls.csv"),
        "exposure_column": "hours",
        "explaining_columns": "month",
        "expected_count": 12.5,
        "prior_strength": 0.1,
        "seed": 1,
    }
    run(FOLDER / NAME, tmp_path / NAME, given | {"results_folder": str(tmp_path / "results")})
    check_outputs(tmp_path / NAME, "appendix")
    header, *rows = saved(tmp_path / "results")
    assert header[:4] == ["name", "concentration", "rate", "mean"]
    assert [row[0] for row in rows] == ["a", "b", "c", "d"]
    exact = (0.1 * 12.5 + calls.sum(axis=0)) / (0.1 + hours.sum())  # calls an hour
    deviation = np.sqrt(0.1 * 12.5 + calls.sum(axis=0)) / (0.1 + hours.sum())
    # KL below 0.001
    assert np.all(np.abs(np.array([row[3] for row in rows], float) - exact) < 0.05 * deviation)
    assert (tmp_path / "results" / "draws.nc").exists() == bool(importlib.util.find_spec("arviz"))


def saved(folder):
    with open(folder / "posterior.csv", newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def read_page(folder, table=None, change=("", ""), **parameters):
    """What the page's cells up to A.6 know and print, but for its figures, for a table [rows,
    columns]; `change`: a piece of a cell, and what to put in its place."""
    if table is not None:
        names = parameters.pop("names", [f"c{j}" for j in range(table.shape[1])])
        text = "\n".join(",".join(f"{x:g}" for x in row) for row in table)
        (folder / "own.csv").write_text(",".join(names) + "\n" + text, encoding="utf-8")
        parameters["csv_path"] = str(folder / "own.csv")
    parameters["results_folder"] = str(folder / "results")
    space, printed = {"__name__": "__main__"}, io.StringIO()
    cells = json.loads((FOLDER / NAME).read_text(encoding="utf-8"))["cells"]
    last = next(i for i, cell in enumerate(cells) if "## A.7" in "".join(cell["source"]))
    assert change[0] in "".join("".join(cell["source"]) for cell in cells[:last])
    with contextlib.redirect_stdout(printed):
        for cell in cells[:last]:
            source = "".join(cell["source"])
            if cell["cell_type"] != "code" or "@title" in source or "pictures.show" in source:
                continue
            exec(source.replace(*change) if change[0] else source, space)
            if "parameters" in cell["metadata"].get("tags", []):
                space.update(parameters)
    return space, printed.getvalue()


def draw(name):
    """Made-up tables, all of one shape, which compiles once: (counts [50, 20], which statistics
    fail and on which side)."""
    rng, shape = np.random.default_rng(5), (50, 20)
    if name == "shared":  # a row's cells share a count; each by itself is a Poisson
        shared = rng.poisson(5.0, (50, 1))
        return shared + rng.poisson(1.0, shape), {"row totals": "too large"}
    if name == "trend":
        return rng.poisson(np.linspace(9, 11, 50)[:, None], shape), {"row totals": "too large"}
    if name == "hidden":  # one of twenty columns has six times a Poisson's variance
        table = rng.poisson(10.0, shape)
        table[:, 7] = rng.poisson(10 * rng.gamma(2, 1 / 2, 50))
        return table, {"worst column": "too large"}
    if name == "even":
        return rng.binomial(10, 0.9, shape), {"variance / mean": "too small"}
    if name == "groups":
        rates = np.repeat([1.0, 10.0], 25)[:, None]
        return rng.poisson(rates, shape), {"variance / mean": "too large", "totals": "too large"}
    return rng.poisson(5.0, shape), {}


@pytest.mark.parametrize("name", ["plain", "shared", "trend", "hidden", "even", "groups"])
def test_a_check_finds_what_was_put_into_a_table_and_says_on_which_side(tmp_path, name):
    table, fails = draw(name)
    expected = table.mean(axis=0).tolist()
    space, printed = read_page(tmp_path, table, expected_count=expected)
    verdicts = space["verdicts"]
    for statistic, side in fails.items():
        whole = next(known for known in verdicts if known.endswith(statistic))
        assert verdicts[whole] == f"FAILS: {side}"
    if name == "plain":
        assert not space["failed"]
    if name == "trend":  # too little for the cells by themselves
        assert verdicts["variance / mean"] == "passes"
    assert ("the worst column is c7" in printed) == (name == "hidden")
    marks = {row[-1] for row in saved(tmp_path / "results")[1:]}
    assert marks == {"; ".join(f"{k} {v[7:]}" for k, v in verdicts.items() if "F" in v) or "none"}


def test_groups_are_no_trouble_once_their_exposure_is_named(tmp_path):
    rng = np.random.default_rng(6)
    hours = np.repeat([1.0, 10.0], 20)
    table = np.column_stack([hours, rng.poisson(hours[:, None] * [1.0, 4.0, 0.5])])
    names = ["watched", "a", "b", "c"]
    space, _ = read_page(tmp_path, table, names=names, exposure_column="watched")
    assert not space["failed"]
    np.testing.assert_allclose(space["q"].mean, [1.0, 4.0, 0.5], rtol=0.3)
    space, _ = read_page(tmp_path, table[:, 1:], names=names[1:])
    assert "row totals too large" in space["failed"]


def test_many_small_counts_are_no_trouble(tmp_path):
    """3,600 terms of few values: their rounding errors in float32 do not cancel in the sum."""
    table = np.random.default_rng(0).poisson(1.2, (60, 60))
    space, _ = read_page(tmp_path, table, expected_count=float(table.mean()))
    assert space["trusted"]


@pytest.fixture(scope="module")
def genes():
    """Six libraries of 2,000 genes, from one read to 26,000."""
    rng = np.random.default_rng(0)
    means = np.exp(rng.uniform(0, np.log(26_000), 2_000))
    return rng.poisson(means, (6, 2_000))


def test_genes_arrive_from_where_expectation_and_counts_meet(tmp_path, genes):
    space, printed = read_page(tmp_path, genes, expected_count=20)
    assert space["trusted"]
    assert "worth 9" in printed or "worth 100%" in printed
    assert len(saved(tmp_path / "results")) == 2_001


def test_after_an_alarm_nothing_is_saved_and_nothing_old_is_left(tmp_path, genes):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "posterior.csv").write_text("old", encoding="utf-8")
    meeting = "start = poisson_gamma.prior(meet, prior_strength)"
    space, printed = read_page(tmp_path, genes, (meeting, "start = prior"), expected_count=20)
    assert not space["trusted"]
    assert "ALARM: do not use this q" in printed
    assert "The fit has not arrived" in printed
    assert "not to be trusted" in printed
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize("expected", [[1.0, 2.0], 0, -1.0, "many", 2e6, [1.0, 2.0, np.nan]])
def test_an_expectation_that_is_none_gets_one_sentence(tmp_path, expected):
    with pytest.raises(ValueError, match=r"^expected_count must be"):
        read_page(tmp_path, np.array([[1, 2, 3], [3, 2, 9]]), expected_count=expected)
