"""Inputs of each exercise that the engine does not use: FRESH[id](rng) draws its arguments."""

import numpy as np

from helpers.exercises import n01_bayes as n01
from helpers.exercises import n02_elbo as n02
from helpers.exercises import n04_digits_and_prior as n04
from helpers.exercises import n05_poisson_gamma_vi as n05
from helpers.exercises import n06_did_it_work as n06
from helpers.exercises import n08_generation as n08
from helpers.exercises import n09_fast_and_exact as n09

STRENGTHS = np.array([0.03, 0.15, 0.8, 4.0, 20.0, 100.0])


def _seed(rng):
    return int(rng.integers(1_000, 10**6))


def _step(rng):
    now, proposal = rng.uniform(7, 18, 2)
    density = [n01.three_counts, n01.hundreds_of_counts, n01.wide_bell][rng.integers(3)]
    return density, now, proposal, rng.uniform() ** rng.integers(1, 6)


def _peeked(rng):
    k, m = rng.integers(1, 4), rng.integers(4, 9)
    return n04._peeked(_seed(rng), k, m, rng.uniform(0.5, 9), rng.uniform(0.5, 9, 3), [3.0, 7.0, 1])


def _log_rates(rng):
    counts = rng.poisson(6, 4)
    return counts, np.append(rng.normal(1, 1, 3), rng.uniform(-2_000, -800))


def _log_normal(rng):
    counts = rng.poisson(5, (rng.integers(2, 6), 3))
    means, deviations = rng.normal(1, 1, 3), rng.uniform(0.2, 2, 3)
    return n05._log_normal_case(rng.normal(1, 1, 3), means, deviations, counts)


def _replicated(rng):
    quantiles = rng.permutation([0.02, 0.3, 0.5, 0.9])[: rng.integers(2, 5)]
    return n08._statistics(_seed(rng), 60, quantiles)


def _stopped(rng):
    """Rules of which one stops all runs soundly, one is fooled and the others stop fewer."""
    sound = list(rng.uniform(0.1, 0.9, 5))
    fewer = [kl if rng.uniform() < 0.5 else None for kl in sound[:-1]] + [None]
    fooled = [*sound[:-1], rng.uniform(1.2, 9)]
    order = rng.permutation(3)
    return n09._race(_seed(rng), 0.2, [(sound, fewer, fooled)[i] for i in order])


def _deal(rng):
    processes = int(rng.integers(2, 9))
    return int(rng.integers(3, 200)), processes, int(rng.integers(processes))


def _evidence(rng):
    mistake = rng.integers(5)
    left = rng.uniform(0.8, 1) if mistake < 2 else rng.uniform(0, 0.1)
    inside = [(0.89, 0.91), (0.7, 0.85), (0.89, 0.91), (0.6, 0.85), (0.95, 1)][mistake]
    k_hat = rng.uniform(-0.5, 0.4) if mistake < 2 else rng.uniform(0.5, 3)
    return k_hat, left, rng.uniform(*inside), rng.uniform(-1, 1)


FRESH = {
    "01.exposures": lambda rng: (
        rng.uniform(0.1, 9),
        rng.uniform(1, 20),
        rng.poisson(9, 4),
        rng.uniform(0.1, 1, 4),
    ),
    "01.log_evidence": lambda rng: (
        int(rng.poisson(9)),
        rng.uniform(1, 20),
        rng.uniform(0.2, 3),
    ),
    "01.metropolis_step": _step,
    "02.width": lambda rng: (rng.normal(), rng.uniform(0.2, 3)),
    "02.mean_field": lambda rng: (np.cov(rng.normal(size=(3, 9))),),
    "02.elbo_on_grid": lambda rng: n02._grid(
        (rng.uniform(5, 60), 4.0), rng.poisson(9, 3), (20.0, 2.0)
    ),
    "03.drop_the_score": lambda rng: tuple(rng.uniform(0.3, 3, 2)),
    "03.baseline": lambda rng: (5 * rng.normal(size=rng.integers(3, 9)),),
    "03.weibull": lambda rng: (rng.uniform(0.02, 0.98), *rng.uniform(0.4, 6, 2)),
    "04.without_the_peek": _peeked,
    "04.error_bar": lambda rng: (
        rng.uniform(0.1, 30),
        int(rng.integers(9, 60)),
        int(rng.integers(1, 9)),
    ),
    "04.reweigh": lambda rng: (
        rng.uniform(0.5, 30, 3),
        rng.uniform(0.5, 5, 3),
        rng.uniform(0.1, 6),
    ),
    "05.log_joint": _log_normal,
    "05.learning_rates": lambda rng: (int(rng.integers(500, 2_000)),),
    "05.poisson_log_mass": _log_rates,
    "06.repair": lambda rng: n06._weighted_case(_seed(rng), 9, rng.uniform(0.3, 1.5), -3_000.0),
    "06.calibrate": lambda rng: (_seed(rng), 2.0, 0.25, int(rng.integers(2, 9)), n06.counts_twice),
    "06.what_is_wrong": _evidence,
    "07.images_needed": lambda rng: (rng.uniform(0.1, 50), rng.uniform(0.05, 0.95)),
    "07.best_worth": lambda rng: (*rng.uniform(0.5, 20, (2, 4)), int(rng.integers(1, 200))),
    "07.best_strength": lambda rng: (
        rng.permutation(STRENGTHS),
        rng.uniform(0.5, 12, 3),
        rng.poisson(rng.uniform(0.5, 12, 3), (5, 3)),
    ),
    "08.telling": _replicated,
    "08.in_a_row": lambda rng: n08._in_orders(n08._by_writers(_seed(rng)), _seed(rng), 60),
    "08.line_up": lambda rng: (
        int(rng.integers(0, 5)),
        int(rng.integers(5, 30)),
        int(rng.integers(1, 25)),
    ),
    "09.right_axes": lambda rng: (
        n09._adam(rng.uniform(0.02, 0.3), int(rng.integers(1, 20))),
        n09._slope(rng.uniform(0.3, 40), rng.uniform(0.3, 5)),
        np.log(rng.uniform([0.5, 0.3], [40, 5])),
    ),
    "09.factor": lambda rng: n09._case(
        _seed(rng), rng.uniform(0.05, 90), rng.normal(0, 0.2, 2), rng.uniform(0.01, 0.3)
    ),
    "09.trusted": _stopped,
    "10.gain_by_merging": lambda rng: (
        rng.poisson(20, (2, 4)),
        rng.integers(1, 9, 2),
        *rng.uniform(0.2, 3, 2),
    ),
    "10.slope": lambda rng: (
        rng.poisson(9, (4, 3)),
        rng.gamma(1, 1, (4, 2)) + 0.1,
        rng.gamma(0.8, 3, (2, 3)) + 0.1,
        *rng.uniform(0.2, 3, 2),
    ),
    "10.hidden_score": lambda rng: (rng.normal(-40, 3, 5), rng.normal(-30, 4, 5)),
    "11.pruned_units": lambda rng: (rng.gamma(1, 3, 5), *rng.uniform(0.2, 3, 2)),
    "11.better_prior": lambda rng: (rng.normal(0.5, 2, (4, 3)), rng.uniform(0.05, 1.5, (4, 3))),
    "11.minibatch_elbo": lambda rng: (
        rng.normal(-90, 9, 4),
        rng.uniform(1, 20, 4),
        int(rng.integers(5, 2_000)),
    ),
    "12.curable": lambda rng: (rng.dirichlet([0.5, 1.0, 2.0, 0.7], (5, 3)),),
    "12.tempered": lambda rng: (rng.uniform(0.1, 9), rng.uniform(0.05, 5)),
    "12.images_to_settle": lambda rng: tuple(rng.gamma(1, 1, (2, 6)) + rng.gamma(1, 2, 6)),
    "13.mean_loss": lambda rng: (
        rng.uniform(1, 200),
        rng.normal(-90, 9, 5),
        int(rng.integers(5, 2_000)),
    ),
    "13.share": _deal,
    "13.best_batch": lambda rng: (
        2 ** rng.permutation(10)[:4],
        rng.integers(20, 900, 4),
        int(rng.integers(1, 9)),
        rng.uniform(1e-4, 1e-2),
        rng.uniform(1e-4, 1e-1),
    ),
    "14.posterior_rate": lambda rng: (
        *rng.uniform(0.1, 5, 2),
        rng.integers(0, 9, 4),
        rng.uniform(0.2, 6, 4),
    ),
    "14.moves_in_errors": lambda rng: (rng.integers(1, 30), *rng.uniform(0.1, 9, 3)),
    "14.log_det": lambda rng: (rng.normal(0, 2, 5), rng.normal(0, 1, 5), rng.integers(0, 2, 5)),
    "A.dispersions": lambda rng: (rng.gamma(1, 3, 5), rng.uniform(0.01, 2)),
    "A.what_next": lambda rng: (str(rng.choice(list("PQRS"))),),
    "14.family_of": lambda rng: (str(rng.choice(list("ABCD"))),),
}
