"""Did it work? Numbers that tell a good fit from a broken one, most of them without the exact
answer. NumPy only."""

import math
from typing import NamedTuple

import numpy as np
from scipy import fft, special, stats

from helpers import checks
from helpers.distributions import kl_divergence

_NEARLY_0 = 1e-20  # a share far below rounding


class Smoothed(NamedTuple):
    """Importance weights after Pareto smoothing."""

    log_weights: np.ndarray  # [draws], normalised: their exponentials sum to 1
    k_hat: float  # shape of the ratios' tail: below 0.5 good, up to 0.7 usable, above 0.7 broken
    # how many of the draws the weights leave; k-hat alone passes a q ten times too wide
    effective_draws: float


class Coverage(NamedTuple):
    """How often intervals held the truth."""

    fraction: float  # 0..1
    standard_error: float  # of the fraction, by the binomial


class Band(NamedTuple):
    """Where the empirical distribution of uniform values lies, everywhere at once, with a stated
    probability."""

    points: np.ndarray  # [points], in (0, 1)
    lower: np.ndarray  # [points], of the empirical distribution function
    upper: np.ndarray  # [points]


def total_kl(q, p):
    """KL(q || p) of a product of gammas, summed over its entries: one number for the whole fit, in
    nats; a ValueError as for `distributions.kl_divergence`."""
    return float(np.sum(kl_divergence(q, p)))


def pareto_smoothed(log_ratios):
    """Pareto-smoothed importance weights and the diagnostic k-hat: a Smoothed.

    `log_ratios` [draws] are ln p(X, theta) - ln q(theta) at draws from q, one or more (else a
    ValueError); a constant added changes nothing. k_hat is inf where a ratio is NaN or +inf, where
    all are -inf, or where fewer than five draws form the tail: too few draws, or most of the weight
    on a handful of them. It is -inf where the largest ratios are equal: no tail at all.

    Look at `effective_draws` as well, 1 / sum of the squared weights (Kish 1965), from 1 to the
    number of draws: a tail says nothing of a q that is too wide. It is NaN where there are no
    weights to speak of.

    Source: Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling,
    algorithm 1; as a test of a fit, Yao, Vehtari, Simpson and Gelman (2018).
    """
    log_ratios = checks.floats("log_ratios", log_ratios)
    size = log_ratios.size
    if log_ratios.ndim != 1 or not size:
        raise ValueError(
            "log_ratios must be an array [draws] with a number for each draw; got "
            f"{log_ratios.shape}."
        )
    tail = math.ceil(min(0.2 * size, 3 * math.sqrt(size)))
    # the largest of some numbers and a NaN is NaN
    if tail < 5 or not np.isfinite(log_ratios.max()):
        return Smoothed(np.full(size, -math.log(size)), math.inf, math.nan)
    log_weights = log_ratios - log_ratios.max()
    order = np.argsort(log_weights, kind="stable")
    cutoff = max(log_weights[order[-tail - 1]], math.log(np.finfo(np.float64).tiny))
    largest = order[log_weights[order] > cutoff]
    tail = largest.size
    # either a handful of draws holds the weight, and q and p hardly overlap; or ratios are equal
    if tail < 5:
        normalised = log_weights - special.logsumexp(log_weights)
        few_hold_it = np.exp(normalised[largest]).sum() > 0.5
        return _smoothed(normalised, math.inf if few_hold_it else -math.inf)
    tops = log_weights[largest]
    # exp(tops) - exp(cutoff), but none that lies above the cutoff by rounding alone becomes 0
    exceedances = np.sort(-np.exp(tops) * np.expm1(cutoff - tops))
    k_hat, scale = generalised_pareto_fit(exceedances)
    quantiles = (np.arange(tail) + 0.5) / tail
    log_weights[largest] = np.minimum(
        np.log(stats.genpareto.ppf(quantiles, k_hat, scale=scale) + np.exp(cutoff)), 0.0
    )
    return _smoothed(log_weights - special.logsumexp(log_weights), float(k_hat))


def _smoothed(log_weights, k_hat):
    """A Smoothed of normalised weights, their effective number counted."""
    return Smoothed(log_weights, k_hat, float(np.exp(-special.logsumexp(2 * log_weights))))


def generalised_pareto_fit(exceedances):
    """(shape, scale) of a generalised Pareto distribution, by a quasi-Bayesian average over a grid.

    `exceedances` [draws] are above 0 and sorted upwards, five or more (else a ValueError); the
    shape is shrunk towards 0.5 with the weight of ten draws.

    Source: Zhang and Stephens (2009), Technometrics 51; the shrinkage, Vehtari et al. (2024),
    appendix G.
    """
    exceedances = checks.floats("exceedances", exceedances)
    is_sorted = exceedances.ndim == 1 and np.all(np.diff(exceedances) >= 0)
    if exceedances.size < 5 or not is_sorted or not 0 < exceedances[0] <= exceedances[-1] < np.inf:
        raise ValueError("exceedances must be 5 or more finite numbers above 0, sorted upwards.")
    size = exceedances.size
    num_grid = 30 + int(math.sqrt(size))
    shares = exceedances / exceedances[-1]
    quartile = max(shares[max(int(size / 4 + 0.5) - 1, 0)], 1e-300)  # its inverse must be finite
    steps = 1 - np.sqrt(num_grid / (np.arange(1, num_grid + 1) - 0.5))
    # Where theta is 0 the distribution is exponential, and shape / theta has a limit, but no value.
    theta = 1 + steps / (3 * quartile)  # [grid]
    theta[theta == 0] = _NEARLY_0
    shape = np.log1p(-theta[:, None] * shares).mean(axis=1)  # [grid]
    log_profile = size * (np.log(-theta / shape) - shape - 1)
    best = float(special.softmax(log_profile) @ theta) or _NEARLY_0
    shape = float(np.log1p(-best * shares).mean())
    return (size * shape + 10 * 0.5) / (size + 10), -shape / best * float(exceedances[-1])


def r_hat(draws):
    """Rank-normalised split R-hat: near 1 when the chains agree with one another, in place and in
    spread.

    It is the larger of R-hat for the draws and for their distance from the median. `draws` are
    [chains, draws] of one scalar, at least 4 a chain and no fewer than there are chains: a table
    with more chains than draws is taken for a transposed one, and refused like a NaN by ValueError.

    Source: Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021), Rank-normalization, folding,
    and localization.
    """
    halves = _split(draws)
    folded = np.abs(halves - np.median(halves))
    return max(
        _potential_scale_reduction(_rank_normalise(halves)),
        _potential_scale_reduction(_rank_normalise(folded)),
    )


def effective_sample_size(draws):
    """Bulk effective sample size: how many independent draws would estimate the centre as well;
    draws as for `r_hat`.

    Source: Vehtari et al. (2021), section 4.1; the sum stops by Geyer's (1992) initial monotone
    sequence.
    """
    z = _rank_normalise(_split(draws))
    chains, length = z.shape
    # rho [lags], the correlation of draws so many steps apart; what the chains' means differ by
    # counts as correlation that never fades
    autocovariance = _autocovariance(z).mean(axis=0)
    within = autocovariance[0] * length / (length - 1)
    total = autocovariance[0] + z.mean(axis=1).var(ddof=1)
    rho = 1 - (within - autocovariance) / total
    rho[0] = 1
    # Geyer: sums of an even lag and the next are above 0 and fall, but for noise. So the sum ends
    # at the first that is not above 0 (at the longest lags too few products are left to average),
    # and none may be larger than one before it.
    pairs = rho[: length // 2 * 2].reshape(-1, 2).sum(axis=1)
    last = max((length - 1) // 2 - 1, 0)
    stop = next((k for k in range(last) if pairs[k] <= 0), last)
    pairs = np.minimum.accumulate(pairs[:stop])
    # tau = 1 + 2 rho_1 + 2 rho_2 + ..., and rho_0 = 1 is in the first pair; half of the next pair
    # still tells something
    tau = 2 * pairs.sum() - 1 + max(rho[2 * stop], 0)
    # draws may be better than independent ones, but not without end
    tau = max(tau, 1 / math.log10(chains * length))
    return float(chains * length / tau)


def coverage(lower, upper, truth):
    """Share of intervals that hold the truth: a Coverage, whose standard error takes the intervals
    as independent.

    The three arrays broadcast; a ValueError if there is no interval, a NaN, or a lower end above
    its upper one.
    """
    given = {"lower": lower, "upper": upper, "truth": truth}
    lower, upper, truth = (checks.floats(name, values) for name, values in given.items())
    if np.isnan(lower).any() or np.isnan(upper).any() or np.isnan(truth).any():
        raise ValueError("coverage needs intervals and truths that are numbers; got a NaN.")
    if np.any(lower > upper):
        raise ValueError("lower must not lie above upper: the two may be exchanged.")
    inside = (lower <= truth) & (truth <= upper)
    if not inside.size:
        raise ValueError("coverage needs one interval or more; got none.")
    fraction = float(inside.mean())
    return Coverage(fraction, math.sqrt(fraction * (1 - fraction) / inside.size))


def sbc_ranks(draws, truth):
    """Ranks of simulation-based calibration: how many draws lie below the truth, uniform if the
    inference is right.

    `draws` [simulations, draws, ...] are from each simulation's posterior, `truth` [simulations,
    ...] is the parameter that its data were simulated from. Returns whole numbers 0..draws,
    [simulations, ...].

    Source: Talts, Betancourt, Simpson, Vehtari and Gelman (2018), algorithm 1.
    """
    draws, truth = checks.floats("draws", draws), checks.floats("truth", truth)
    if draws.ndim < 2 or truth.shape != draws.shape[:1] + draws.shape[2:]:
        raise ValueError(
            "draws must be [simulations, draws, ...] and truth [simulations, ...]; got "
            f"{draws.shape} and {truth.shape}."
        )
    if np.isnan(draws).any() or np.isnan(truth).any():
        raise ValueError("draws and truth must be numbers; got a NaN.")
    return (draws < truth[:, None]).sum(axis=1)


def uniformity_band(size, level=0.95, num_points=50, num_simulations=2_000, seed=0):
    """The Band in which the empirical distribution of `size` uniform values stays with probability
    `level`.

    It is given at `num_points` places, evenly spaced, and calibrated by `num_simulations` sets of
    uniform values. A ValueError if size is not a whole number from 1 on, or level does not lie
    between 0 and 1.

    Source: Saeilynoja, Buerkner and Vehtari (2022), Graphical test for discrete uniformity, section
    2.
    """
    size = checks.number("size", size, "a whole number, 1 or more", lambda n: n >= 1, whole=True)
    num_points = checks.size("num_points", num_points)
    num_simulations = checks.size("num_simulations", num_simulations)
    level = checks.probability("level", level)
    points = np.arange(1, num_points + 1) / (num_points + 1)
    # how likely a uniform value lies between two neighbours
    cells = np.full(num_points + 1, 1 / (num_points + 1))
    counts = (
        np.random.default_rng(seed).multinomial(size, cells, num_simulations)[:, :-1].cumsum(axis=1)
    )
    below, above = stats.binom.cdf(counts, size, points), stats.binom.sf(counts - 1, size, points)
    pointwise = np.quantile(2 * np.minimum(below, above).min(axis=1), 1 - level)
    lower, upper = (
        stats.binom.ppf(pointwise / 2, size, points),
        stats.binom.isf(pointwise / 2, size, points),
    )
    return Band(points, lower / size, upper / size)


def is_uniform(values, band):
    """Whether the empirical distribution of values in [0, 1] stays inside a band made for that many
    values; a ValueError for values that lie elsewhere."""
    values = checks.floats("values", values).ravel()
    if not values.size or not np.all((values >= 0) & (values <= 1)):
        raise ValueError("values must lie between 0 and 1, one or more: ranks / number of draws.")
    empirical = (values[:, None] <= band.points).mean(axis=0)
    return bool(np.all((empirical >= band.lower) & (empirical <= band.upper)))


def image_statistics(images):
    """The statistics of notebook 8, by name: functions of a table of images that give a number.

    Pixels count as inked where these images [images, pixels] have a count or more on average. Of
    fewer than three images the two that compare images with one another are left out.
    """
    inked = np.mean(images, axis=0) >= 1

    def dispersion(x):
        return x[:, inked].var(axis=0, ddof=1).sum() / x[:, inked].mean(axis=0).sum()

    def correlation(x):
        centred = x[:, inked] - x[:, inked].mean(axis=0)
        centred = centred / np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-9)
        return np.abs((centred.T @ centred)[np.triu_indices(inked.sum(), k=1)]).mean()

    statistics = {
        "mean ink (counts)": np.mean,
        "variance / mean": dispersion,
        "largest count": np.max,
        "empty pixels an image": lambda x: (x == 0).sum(axis=1).mean(),
        "correlation of pixels": correlation,
        "sharpness": lambda x: np.abs(np.minimum(x, 16) - 8).mean() / 8,
    }
    if len(images) < 3:
        del statistics["variance / mean"], statistics["correlation of pixels"]
    return statistics


def _split(draws):
    draws = checks.floats("draws", draws)
    if draws.ndim != 2 or draws.shape[1] < 4:
        raise ValueError(
            "draws must be a table [chains, draws] with at least 4 draws a chain; got "
            f"{draws.shape}."
        )
    if draws.shape[0] > draws.shape[1]:
        raise ValueError(
            f"draws must be a table [chains, draws]; {draws.shape} looks like [draws, chains]: "
            "pass draws.T."
        )
    if not np.isfinite(draws).all() or np.ptp(draws) == 0:
        raise ValueError("draws must be finite, and not all the same.")
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _rank_normalise(draws):
    ranks = stats.rankdata(draws).reshape(draws.shape)
    return special.ndtri((ranks - 0.375) / (draws.size + 0.25))


def _potential_scale_reduction(z):
    length = z.shape[1]
    within, between = z.var(axis=1, ddof=1).mean(), z.mean(axis=1).var(ddof=1)
    return float(np.sqrt((length - 1) / length + between / within))


def _autocovariance(z):
    length = z.shape[1]
    spectrum = fft.rfft(z - z.mean(axis=1, keepdims=True), n=fft.next_fast_len(2 * length), axis=1)
    return fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length] / length
