"""Posteriors for FAST to reach, written for NumPy's float64 and for JAX alike: seven that nobody
here chose, and some that hurt.

The seven are models and priors of posteriordb (Magnusson et al., github.com/stan-dev/posteriordb)
over their unconstrained parameters, Jacobian included, with the constants of Stan's densities.
`made` draws data of the same shape by seed; `read` takes posteriordb's own tables, one JSON each,
where they lie in a folder. Each function takes xp (NumPy or JAX), the data, a dictionary, and z
[..., d], and returns nats [...].
"""

import json
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from helpers.distributions import FullNormal

LOG_2PI = np.log(2 * np.pi)


@jax.tree_util.register_static
class Static(NamedTuple):
    """Keeps a function inside a pytree."""

    function: Callable


class Posterior(NamedTuple):
    """A model for `inference.fit`: a log joint and its data."""

    terms: Static
    data: dict  # of arrays

    def log_joint(self, z):
        """ln p(X, z), nats; z [d] in JAX, or [..., d] in NumPy."""
        return self.terms.function(np if isinstance(z, np.ndarray) else jnp, self.data, z)


class Given:
    """A model without data: a log joint, and nothing else."""

    def __init__(self, log_joint):
        self.log_joint = log_joint


jax.tree_util.register_static(Given)


def neutral(d):
    """The start that knows nothing: N(0, I) over d unknowns."""
    return FullNormal(np.zeros(d), np.eye(d))


def normal(xp, x, mean, log_std):
    """ln N(x | mean, exp(log_std)), entry by entry."""
    return -((x - mean) ** 2) * xp.exp(-2 * log_std) / 2 - log_std - LOG_2PI / 2


def cauchy(xp, log_x, scale):
    """ln Cauchy(x | 0, scale) of ln x, with the Jacobian."""
    return log_x - xp.log(np.pi * scale * (1 + (xp.exp(log_x) / scale) ** 2))


# ---- the seven -----------------------------------------------------------------------------------


def eight_schools(xp, data, z):
    """z_1..8, mu, ln tau."""
    mu, log_tau = z[..., 8:9], z[..., 9:10]
    theta = mu + xp.exp(log_tau) * z[..., :8]
    prior = normal(xp, z[..., :8], 0, 0).sum(-1) + normal(xp, mu[..., 0], 0, np.log(5))
    prior += cauchy(xp, log_tau[..., 0], 5)
    return prior + normal(xp, data["y"], theta, xp.log(data["sigma"])).sum(-1)


def linear(xp, data, z):
    """ln sigma comes last; the priors of z are the caller's."""
    residuals = data["y"] - z[..., :-1] @ data["X"].T
    return normal(xp, residuals, 0, z[..., -1:]).sum(-1)


def kidiq(xp, data, z):
    """Flat coefficients, sigma ~ Cauchy(0, 2.5)."""
    return linear(xp, data, z) + cauchy(xp, z[..., -1], 2.5)


def flat_linear(xp, data, z):
    """mesquite and nes1972: flat coefficients, flat sigma."""
    return linear(xp, data, z) + z[..., -1]


def ark(xp, data, z):
    """alpha, beta_1..5 ~ N(0, 10), sigma ~ Cauchy(0, 2.5)."""
    prior = normal(xp, z[..., :-1], 0, np.log(10)).sum(-1)
    return prior + kidiq(xp, data, z)


def sblrc(xp, data, z):
    """beta ~ N(0, 10), sigma ~ N(0, 10)."""
    prior = normal(xp, z[..., :-1], 0, np.log(10)).sum(-1)
    prior += normal(xp, xp.exp(z[..., -1]), 0, np.log(10)) + z[..., -1]
    return prior + linear(xp, data, z)


def mixture(xp, data, z):
    """mu_1, ln(mu_2 - mu_1), ln sigma_1, ln sigma_2, logit theta."""
    mu_1, log_gap, log_1, log_2, logit = (z[..., i] for i in range(5))
    mu_2 = mu_1 + xp.exp(log_gap)
    log_theta, log_rest = -xp.logaddexp(0.0, -logit), -xp.logaddexp(0.0, logit)
    prior = normal(xp, mu_1, 0, np.log(2)) + normal(xp, mu_2, 0, np.log(2)) + log_gap
    prior += normal(xp, xp.exp(log_1), 0, np.log(2)) + log_1
    prior += normal(xp, xp.exp(log_2), 0, np.log(2)) + log_2
    prior += 5 * (log_theta + log_rest)  # Beta(5, 5) without its constant, and the Jacobian
    first = log_theta[..., None] + normal(xp, data["y"], mu_1[..., None], log_1[..., None])
    second = log_rest[..., None] + normal(xp, data["y"], mu_2[..., None], log_2[..., None])
    return prior + xp.logaddexp(first, second).sum(-1)


SEVEN = {
    "eight_schools": eight_schools,
    "kidiq": kidiq,
    "mesquite": flat_linear,
    "arK": ark,
    "sblrc": sblrc,
    "nes1972": flat_linear,
    "low_dim_gauss_mix": mixture,
}

# ---- those that hurt -----------------------------------------------------------------------------


def centred_schools(xp, data, z):
    """theta_1..8, mu, ln tau: the density has no highest point."""
    theta, mu, log_tau = z[..., :8], z[..., 8:9], z[..., 9:10]
    prior = normal(xp, theta, mu, log_tau).sum(-1) + normal(xp, mu[..., 0], 0, np.log(5))
    prior += cauchy(xp, log_tau[..., 0], 5)
    return prior + normal(xp, data["y"], theta, xp.log(data["sigma"])).sum(-1)


def poisson(xp, data, z):
    """Poisson regression with exposures; coefficients N(0, 10)."""
    log_mean = xp.log(data["exposure"]) + z @ data["X"].T
    likelihood = (data["y"] * log_mean - xp.exp(log_mean)).sum(-1)
    return likelihood + normal(xp, z, 0, np.log(10)).sum(-1)


def logistic(xp, data, z):
    """Logistic regression; coefficients N(0, 2.5)."""
    logits = z @ data["X"].T
    likelihood = (data["y"] * logits - xp.logaddexp(0.0, logits)).sum(-1)
    return likelihood + normal(xp, z, 0, np.log(2.5)).sum(-1)


def student(xp, data, z):
    """Location and ln scale of a Student t of 4 degrees of freedom; N(0, 10) on both."""
    squares = (data["y"] - z[..., :1]) ** 2 * xp.exp(-2 * z[..., 1:])
    likelihood = (-2.5 * xp.log1p(squares / 4) - z[..., 1:]).sum(-1)
    return likelihood + normal(xp, z, 0, np.log(10)).sum(-1)


def funnel(xp, data, z):
    """Neal's funnel: v ~ N(0, 3), x_1..d ~ N(0, exp(v / 2)); no data but one row of nothing."""
    v, x = z[..., 0], z[..., 1:]
    return normal(xp, v, 0, np.log(3)) + normal(xp, x, 0, v[..., None] / 2).sum(-1)


# ---- data ----------------------------------------------------------------------------------------


def read(folder):
    """The seven from posteriordb's tables in a folder: name to Posterior."""
    return {
        name: Posterior(
            Static(terms),
            _columns(name, json.loads(_path(folder, name).read_text(encoding="utf-8"))),
        )
        for name, terms in SEVEN.items()
    }


def _path(folder, name):
    return pathlib.Path(folder) / f"{name}.json"


def _columns(name, table):
    """y and X of a table, as the models above want them."""
    get = {key: np.asarray(value, float) for key, value in table.items()}
    if name == "kidiq":
        y, columns = get["kid_score"], [get["mom_hs"], get["mom_iq"]]
    elif name == "mesquite":
        logs = ["diam1", "diam2", "canopy_height", "total_height", "density"]
        y, columns = np.log(get["weight"]), [*(np.log(get[k]) for k in logs), get["group"]]
    elif name == "arK":
        lags = range(1, int(get["K"]) + 1)
        y, columns = get["y"][len(lags) :], [get["y"][len(lags) - k : -k] for k in lags]
    elif name == "nes1972":
        ages = [(get["age_discrete"] == k).astype(float) for k in (2, 3, 4)]
        columns = [get["real_ideo"], get["race_adj"], *ages]
        columns += [get["educ1"], get["gender"], get["income"]]
        y = get["partyid7"]
    elif name == "sblrc":
        return {"y": get["y"], "X": get["X"]}
    else:
        return {key: get[key] for key in ("y", "sigma") if key in get}
    return {"y": y, "X": np.column_stack([np.ones(len(y)), *columns])}


def reference(folder, name):
    """Mean and deviation of posteriordb's long chains, each [quantities], as `quantities` has
    them."""
    table = json.loads(_path(folder, "reference").read_text(encoding="utf-8"))
    return np.array(list(table[name]["reference"].values())).T


def quantities(name, z):
    """What posteriordb reports of the seven, from their unknowns z [..., d]: arrays [..., d]."""
    z = np.array(z, float)
    if name == "eight_schools":
        z[..., 9] = np.exp(z[..., 9])
        z[..., :8] = z[..., 8:9] + z[..., 9:] * z[..., :8]
    elif name == "low_dim_gauss_mix":
        z[..., 1] = z[..., 0] + np.exp(z[..., 1])
        z[..., 2:4] = np.exp(z[..., 2:4])
        z[..., 4] = 1 / (1 + np.exp(-z[..., 4]))
    else:
        z[..., -1] = np.exp(z[..., -1])
    return z


EIGHT_SCHOOLS = {
    "y": np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]),
    "sigma": np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]),
}


def made(seed=0):
    """Data of the same shapes by seed, nothing standardised, and the models that hurt: name to
    Posterior."""
    rng = np.random.default_rng(seed)

    def with_ones(*columns):
        return np.column_stack([np.ones(len(columns[0])), *columns])

    def line(coefficients, sigma, *columns):
        X = with_ones(*columns)
        return {"y": X @ coefficients + sigma * rng.normal(size=len(X)), "X": X}

    finished, iq = rng.binomial(1, 0.79, 434), rng.normal(100, 15, 434)
    sizes = np.exp(rng.normal(0.3, 0.4, (46, 1)) + 0.3 * rng.normal(size=(46, 5)))
    series = [*rng.normal(0, 0.15, 5)]
    for _ in range(195):
        lags = np.array(series[-5:])[::-1]
        series.append(lags @ [0.7, 0.4, 0.1, 0.0, -0.3] + 0.15 * rng.normal())
    series = np.array(series)
    rows = np.column_stack([series[5 - k : -k] for k in range(1, 6)])
    wide = 30 * rng.normal(size=(100, 5))
    ages, steps = rng.integers(1, 5, 1330), rng.integers(1, 8, (1330, 5))
    survey = (steps[:, 0], rng.binomial(1, 0.1, 1330), *(ages == k for k in (2, 3, 4)))
    survey = [np.asarray(column, float) for column in (*survey, *(1 + steps[:, 1:4].T % 5))]
    first = rng.uniform(size=1000) < 0.4
    values = np.where(first, rng.normal(-2.7, 1, 1000), rng.normal(2.9, 1, 1000))
    age, income = rng.uniform(20, 80, 200), rng.normal(40, 12, 200)
    exposure, people = rng.uniform(1, 50, 200), with_ones(age, income)
    counts = rng.poisson(exposure * np.exp(people @ [-2.5, 0.02, 0.015]))
    alike = with_ones(*(0.3 * rng.normal(size=(12, 300)) + rng.normal(size=300)))
    answers = rng.uniform(size=300) < 1 / (1 + np.exp(-alike @ rng.normal(size=13)))
    outlier = np.append(rng.normal(3, 1, 49), 103.0)
    ark_data = {"y": series[5:], "X": with_ones(*rows.T)}
    tables = {
        "eight_schools": (eight_schools, EIGHT_SCHOOLS),
        "kidiq": (kidiq, line([26, 6, 0.56], 18, finished, iq)),
        "mesquite": (
            flat_linear,
            line(
                [5.4, 0.4, 1.1, 0.4, 0.4, 0.1, -0.6],
                0.34,
                *np.log(sizes.T),
                rng.binomial(1, 0.5, 46),
            ),
        ),
        "arK": (ark, ark_data),
        "sblrc": (sblrc, {"X": wide, "y": wide.sum(axis=1) + rng.normal(size=100)}),
        "nes1972": (flat_linear, line([1.8, 0.5, -1.1, -0.2, 0, 0.5, 0.3, 0, 0.16], 1.9, *survey)),
        "low_dim_gauss_mix": (mixture, {"y": values}),
        "centred_schools": (centred_schools, EIGHT_SCHOOLS),
        "funnel": (funnel, {}),
        "poisson": (poisson, {"y": counts.astype(float), "X": people, "exposure": exposure}),
        "logistic": (logistic, {"y": answers.astype(float), "X": alike}),
        "student": (student, {"y": outlier}),
    }
    return {name: Posterior(Static(terms), data) for name, (terms, data) in tables.items()}


SIZES = {
    "eight_schools": 10,
    "kidiq": 4,
    "mesquite": 8,
    "arK": 7,
    "sblrc": 6,
    "nes1972": 10,
    "low_dim_gauss_mix": 5,
    "centred_schools": 10,
    "funnel": 4,
    "poisson": 3,
    "logistic": 13,
    "student": 2,
}


def elbo(posterior, mean, cholesky, num_draws=200_000, seed=0):
    """(ELBO, standard error) of a full normal, nats: NumPy's float64, pairs of opposite sign."""
    mean, cholesky = np.asarray(mean, float), np.asarray(cholesky, float)
    rng, halves = np.random.default_rng(seed), []
    for size in [10_000] * (num_draws // 20_000):
        noise = rng.normal(size=(size, len(mean)))
        halves.append(
            sum(posterior.log_joint(mean + z @ cholesky.T) for z in (noise, -noise)) / 2
            + (noise**2).sum(axis=1) / 2
        )
    values = np.concatenate(halves)
    constant = np.log(np.diagonal(cholesky)).sum() + len(mean) * LOG_2PI / 2
    return values.mean() + constant, values.std() / np.sqrt(len(values))
