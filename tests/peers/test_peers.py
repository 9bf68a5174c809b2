"""The lane of the other libraries without installing any: verdicts, errors, and the page shows what
the lane runs."""

import sys

import nbformat
import numpy as np
import peers
import pytest
from execute import FOLDER

from helpers.distributions import Gamma

EXACT = Gamma(np.array([4.0, 400.0]), np.array([2.0, 10.0]))


def draws(shift=0.0, size=1000):
    """Draws from the exact posterior, shifted by so many of its standard deviations."""
    rng = np.random.default_rng(0)
    return rng.gamma(EXACT.concentration, 1 / EXACT.rate, (size, 2)) + shift * np.sqrt(
        EXACT.variance
    )


def test_right_means_agree_and_wrong_ones_do_not():
    agrees, words = peers.verdict(draws(), EXACT)
    assert agrees
    assert words.startswith("agrees: z ")
    # 0.3 deviations are 9.5 standard errors of 1,000 draws
    agrees, words = peers.verdict(draws(shift=0.3), EXACT)
    assert not agrees
    assert words.startswith("DISAGREES: z ")
    assert peers.verdict(draws(shift=0.3, size=50), EXACT)[0], "few draws can't tell"


def test_scores_are_in_standard_errors():
    x = draws()
    assert np.allclose(
        peers.z_scores(x, EXACT) * x.std(axis=0, ddof=1) / np.sqrt(1000),
        x.mean(axis=0) - EXACT.mean,
    )


def test_a_nan_and_draws_that_never_move_are_no_agreement():
    spoiled = draws()
    spoiled[3, 1] = np.nan
    assert not peers.verdict(spoiled, EXACT)[0]
    assert not peers.verdict(np.full((1000, 2), 3.0), EXACT)[0]


@pytest.mark.parametrize("shape", [(1000,), (1000, 3), (1, 2)])
def test_draws_of_another_shape_get_one_sentence(shape):
    with pytest.raises(ValueError, match=r"draws must be a table \[draws, 2\]; got shape"):
        peers.z_scores(np.ones(shape), EXACT)


def test_a_library_that_fails_is_a_line_with_its_error_and_no_failure_of_the_lane(
    monkeypatch, capsys, tmp_path
):
    def python_of(name):
        if name in ("pymc", "numpyro"):
            raise RuntimeError("not installed: ERROR: No matching distribution")
        return sys.executable

    def release(name, python):
        return "1.2"

    monkeypatch.setattr(peers, "python_of", python_of)
    monkeypatch.setattr(peers, "release", release)
    monkeypatch.setattr(peers, "PROGRAMS", tmp_path)
    (tmp_path / "tfp_model.py").write_text("import no_such_library\n", encoding="utf-8")
    wrong = "import numpy\ndef fit(counts, concentration, rate):\n"
    wrong += "    return numpy.random.rand(100, len(rate))\n"
    (tmp_path / "pyro_model.py").write_text(wrong, encoding="utf-8")
    assert peers.main(["pymc", "tfp"]) == 0
    said = capsys.readouterr().out
    assert (
        "PyMC                            not installed: ERROR: No matching distribution\n" in said
    )
    assert "does not run: ModuleNotFoundError: No module named 'no_such_library'\n" in said
    assert peers.main(["numpyro"]) == 0
    assert "NumPyro, other models           not installed: ERROR: No" in capsys.readouterr().out
    assert peers.main(["pyro"]) == 1
    assert "Pyro 1.2                        DISAGREES: z " in capsys.readouterr().out
    assert peers.main(["stan"]) == 2
    assert capsys.readouterr().err == "No library stan; there are numpyro, pyro, pymc, tfp.\n"


ROWS = """\
kidiq     the best full normal                        0.000   0.00
kidiq     FAST                                        0.000   0.01  14.66 s  1.0x   61.0 ms   1.0x
kidiq     NumPyro AutoMultivariateNormal, documented 99.230  26.76   8.11 s  0.8x   52.4 ms   0.9x
kidiq     NumPyro AutoMultivariateNormal, best rate   9.181   2.93   8.97 s  0.9x  297.4 ms   7.1x
mesquite  FAST                                        0.001   0.11   8.18 s  1.0x   15.5 ms   1.0x
mesquite  NumPyro AutoMultivariateNormal, best rate   0.139   0.17   6.94 s  0.8x  125.6 ms  20.6x
"""


def test_a_race_is_led_by_time_and_by_gap():
    leads, words = peers.race(ROWS)
    assert leads
    assert words.startswith("slower: a full normal takes 7.1 to 20.6 times as long")
    assert not peers.race(ROWS.replace(" 7.1x", " 0.9x"))[0]
    assert not peers.race(ROWS.replace(" 0.139 ", " 0.001 "))[0]
    with pytest.raises(RuntimeError, match="no race: the benchmark printed none"):
        peers.race("NumPyro is not installed: left out\n")


def test_the_pins_are_those_of_the_course():
    assert [pin.split("==")[0] for pin in peers.pins()] == ["jax", "jaxlib", "optax"]


@pytest.mark.parametrize("name", peers.PEERS)
def test_the_page_shows_the_program_that_the_lane_runs(name):
    program = (peers.PROGRAMS / f"{name}_model.py").read_text(encoding="utf-8")
    page = nbformat.read(FOLDER / "appendix_your_own_model.ipynb", as_version=4)
    shown = program.split('"""\n', 1)[1].strip()
    assert any(f"```python\n{shown}\n```" in cell.source for cell in page.cells)
