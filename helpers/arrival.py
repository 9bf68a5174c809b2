"""Did the fit of a full normal arrive? A few starts, fresh draws, and a sentence for each fault."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from helpers import checks, diagnostics, inference, newton
from helpers.distributions import FullNormal

FAR = 0.2  # standard deviations: two ends farther apart are two answers
MOVES = 0.1  # standard deviations: a longer step left is a fit that has not settled
LEFT = 0.05  # nats: more to gain is noise that many unknowns add up to


class Report(NamedTuple):
    """The best fit of a few starts, and what speaks against it."""

    surrogate: FullNormal
    names: tuple[str, ...]  # [d], of the unknowns
    elbo: float  # nats, over the draws at which it is finite
    standard_error: float  # of the ELBO, nats
    num_draws: int  # fresh draws from q that were looked at
    num_finite: int  # of them, those with a finite log joint and gradient
    mode_slope: float  # the slope where Newton's method ended, a deviation; NaN: no mode found
    move: float  # the longest step that q still wants, in deviations, less 3 standard errors
    to_gain: float  # nats that a natural step without noise would add, to second order
    apart: float  # how far apart the starts end, in deviations
    k_hat: float
    effective_draws: float
    faults: tuple[str, ...]  # a sentence each; none: the fit arrived

    def __str__(self):
        q, k_hat = self.surrogate, self.k_hat
        width = max(map(len, self.names))
        rows = [f"{'':{width}}{'mean':>12}{'deviation':>12}"]
        for name, mean, std in zip(self.names, q.mean, q.std, strict=True):
            rows.append(f"{name:{width}}{mean:12.4g}{std:12.4g}")
        rows.append(f"ELBO {self.elbo:.2f} nats, give or take {self.standard_error:.2g}")
        worth = f"from {self.num_draws:,} draws worth {self.effective_draws:,.0f}"
        rows.append(f"k-hat {k_hat:.2f}, {worth}")
        no_mode = "no mode: Newton's method ends on a slope or a saddle"
        rows.append("a mode was found" if np.isfinite(self.mode_slope) else no_mode)
        return "\n".join([*rows, *(self.faults or ["arrived"])])


def report(key, model, initial, names=None, num_starts=3, num_draws=4_000):
    """Fit by FAST from `initial` and from draws of it; look at the fit of highest ELBO: a Report.

    A k-hat above 0.7 is a fault where the draws are worth less than half of their number. Where
    they are worth more, q has the posterior's bulk, and lighter tails.

    Args: initial: a FullNormal; names: of its d unknowns, for the sentences.

    Raises: ValueError if initial is no FullNormal, names are not d, or no draw is finite.
    """
    if not isinstance(initial, FullNormal):
        raise ValueError(f"initial must be a FullNormal; got {type(initial).__name__}.")
    size = len(np.asarray(initial.mean))
    names = tuple(names) if names is not None else tuple(f"z[{j}]" for j in range(1, size + 1))
    if len(names) != size:
        raise ValueError(f"names must be {size}, one an unknown; got {len(names)}.")
    for name, value in (("num_starts", num_starts), ("num_draws", num_draws)):
        checks.number(name, value, "a whole number, 2 or more", lambda n: n >= 2, whole=True)
    *keys, key_starts, key_draws = jax.random.split(key, num_starts + 2)
    means = [initial.mean, *initial.sample(key_starts, num_starts - 1)]
    starts = [initial._replace(mean=mean) for mean in means]
    fits = [
        inference.fit(k, model, start, inference.FAST).surrogate
        for k, start in zip(keys, starts, strict=True)
    ]
    seen = [_look(key_draws, model, q, num_draws) for q in fits]
    elbos = [log_ratios[kept].mean() if kept.any() else -np.inf for log_ratios, _, kept, *_ in seen]
    best = int(np.argmax(elbos))
    q, (log_ratios, slopes, kept, noise, broken) = fits[best], seen[best]
    if not kept.any():
        raise ValueError(
            f"none of {num_draws:,} draws from q has a finite log joint and gradient: begin where "
            "model.log_joint(initial.mean) is finite, with a smaller cholesky."
        )
    others = [other for i, other in enumerate(fits) if i != best]
    shift, unknown = max((_apart(q, other) for other in others), key=lambda pair: pair[0])
    smoothed = diagnostics.pareto_smoothed(np.where(kept, log_ratios, -np.inf))
    move, moving = _move(slopes[kept], noise[kept])
    to_gain = _to_gain(slopes[kept], noise[kept])
    faults = []
    if not kept.all():
        share = f"{(~kept).sum():,} of {num_draws:,} draws have no finite log joint or gradient"
        where = names[_culprit(broken, kept, noise)]
        faults.append(f"{share}; look at {where}: q left them out, and there it is blind.")
    if not move <= MOVES:
        faults.append(
            f"q still wants to move by {move:.2g} deviations, most of all in {names[moving]}: if a "
            "second fit that begins at this q does not end it, this direction is flat or has a "
            "tail that no normal holds; give it a prior."
        )
    elif not to_gain <= LEFT:
        faults.append(
            f"the best full normal is about {to_gain:.2g} nats better: {size} unknowns add up the "
            "noise of the steps. Begin at this q, with more draws: by the recipe "
            f"inference.correlated({8 * size})."
        )
    if not shift <= FAR:
        faults.append(
            f"{num_starts} starts end {shift:.2g} deviations apart in {names[unknown]}: more than "
            f"one mode, or one too far away. ELBOs: {', '.join(f'{e:.1f}' for e in elbos)} nats."
        )
    rounding = float(np.finfo(np.float32).eps * np.abs(log_ratios[kept]).max(initial=0.0))
    if rounding > MOVES:
        faults.append(
            f"the log joint is so large that float32 rounds it by {rounding:.1g} nats: leave "
            "constants out, or centre the data."
        )
    if not (smoothed.k_hat <= 0.7 or smoothed.effective_draws > num_draws / 2):
        faults.append(
            f"k-hat is {smoothed.k_hat:.2f}, above 0.7, and {num_draws:,} draws are worth "
            f"{smoothed.effective_draws:,.0f}: this q is far from the posterior, and so may be its "
            "means and deviations. Write the unknowns in other coordinates, or sample."
        )
    return Report(
        q,
        names,
        float(elbos[best]),
        float(log_ratios[kept].std() / np.sqrt(max(kept.sum(), 1))),
        num_draws,
        int(kept.sum()),
        _mode_slope(model, initial),
        move,
        to_gain,
        shift,
        smoothed.k_hat,
        smoothed.effective_draws,
        tuple(faults),
    )


def _look(key, model, q, num_draws):
    """What draws from q see, in float64: log ratios [draws]; slopes [draws, d], where q is round;
    which are finite [draws]; the noise of each draw [draws, d]; whose own slope is not finite."""

    @jax.jit
    def at(q, model):
        draws = q.sample(key, num_draws)
        values, slopes = jax.vmap(jax.value_and_grad(model.log_joint))(draws)
        return draws, values - jax.vmap(q.log_density)(draws), slopes

    draws, log_ratios, slopes = (np.asarray(array, np.float64) for array in at(q, model))
    noise = np.linalg.solve(q.cholesky, (draws - q.mean).T).T
    kept = np.isfinite(log_ratios) & np.isfinite(slopes).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        return log_ratios, slopes @ q.cholesky + noise, kept, noise, ~np.isfinite(slopes)


def _apart(q, other):
    """How far two full normals lie apart, in means or logs of deviations: (length, unknown)."""
    lengths = np.maximum(abs(q.mean - other.mean) / q.std, abs(np.log(q.std / other.std)))
    lengths = np.nan_to_num(lengths, nan=np.inf)
    return float(lengths.max()), int(lengths.argmax())


def _move(slopes, noise):
    """The longest step that the mean or the width wants, less 3 standard errors: (deviations,
    unknown)."""
    steps = np.stack([slopes, slopes * noise / 2])  # [2, draws, d]
    lengths = abs(steps.mean(axis=1)) - 3 * steps.std(axis=1) / np.sqrt(len(slopes))
    return float(max(lengths.max(), 0.0)), int(lengths.max(axis=0).argmax())


def _to_gain(slopes, noise):
    """Nats that a natural step would gain, g' F^-1 g / 2, with g from one half of the draws times g
    from the other: the noise of a square has no mean 0, that of such a product has."""

    def step(half):
        slope, z = slopes[half::2], noise[half::2]
        factor = np.tril(slope.T @ z) / max(len(z), 1)
        np.fill_diagonal(factor, factor.diagonal() / np.sqrt(2))  # where F is 2
        return np.append(slope.mean(axis=0), factor)

    return float(step(0) @ step(1) / 2)


def _culprit(broken, kept, noise):
    """The unknown whose slope fails most often; if none or all do, the one in which the draws left
    out lie farthest off."""
    shares = broken[~kept].mean(axis=0)
    if shares.min() < shares.max():
        return int(shares.argmax())
    return int(abs(noise[~kept].mean(axis=0) - noise[kept].mean(axis=0)).argmax())


def _mode_slope(model, initial):
    """Length of the slope where Newton's method ends, in the deviations of the curvature there."""

    @jax.jit
    def slope(model):
        _, gradient, hessian = newton.climb(model.log_joint, jnp.asarray(initial.mean, float))
        return jnp.linalg.norm(newton.inverse_factor(-hessian).T @ gradient)

    length = float(slope(model))
    return length if length < MOVES else np.nan
