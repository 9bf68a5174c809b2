"""Independent pixels without a shape: each value of a pixel has a probability of its own, with a
Dirichlet prior.

    x_ij ~ Categorical(p_j),  p_j ~ Dirichlet(concentration, ..., concentration),  images i, pixels
    j = 1..d.

It knows nothing of order (5 is no nearer to 6 than to 16), and so cannot be wrong about the counts'
shape.
"""

import numpy as np

from helpers import checks
from helpers.data import MAX_COUNT


def fit(counts, concentration=0.5):
    """The exact posterior, by conjugacy: the prior's concentration plus how often each value was
    seen.

    Args: counts [images, d], whole numbers from 0 to 16, no images at all is allowed;
    concentration: pseudo-images per value, above 0, 0.5 is Jeffreys' prior; else a ValueError.

    Returns: float64 array [d, 17], the concentration of each pixel's Dirichlet posterior.

    Source: Gelman et al., Bayesian Data Analysis (2013), section 3.4.
    """
    counts = checks.counts(counts, most=MAX_COUNT)
    concentration = checks.positive("concentration", concentration)
    return concentration + (counts[..., None] == np.arange(MAX_COUNT + 1)).sum(axis=0)


def log_score(key, fitted, images, num_draws=500, observed=None):
    """ln of the predictive density of each image, exact: float64 [images], nats; see
    `poisson_gamma.log_score`.

    Args: key, num_draws: unused; fitted [d, 17], what `fit` returns; images [images, d], whole
    numbers from 0 to 16; observed: bool [d], the pixels that are shown; None for a score of all.
    """
    fitted = checks.above_0("fitted", fitted)
    if fitted.ndim != 2 or fitted.shape[1] != MAX_COUNT + 1:
        raise ValueError(f"fitted must be what fit returns, [d, 17]; got shape {fitted.shape}.")
    width = len(fitted)
    images = checks.counts(images, name="images", width=width, most=MAX_COUNT).astype(int)
    log_mass = np.log(fitted / fitted.sum(axis=1, keepdims=True))  # [d, 17]
    by_pixel = log_mass[np.arange(width), images]
    hidden = slice(None) if observed is None else ~checks.observed(observed, width)
    return by_pixel[:, hidden].sum(axis=1)
