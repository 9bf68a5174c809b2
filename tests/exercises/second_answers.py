"""A second right answer to each exercise, in other number types and by other ways than the
solutions take."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from scipy import optimize, special, stats


def _exposures_by_loop(strength, template, counts, exposures, start=0.0):
    ink, images = start + jnp.float32(strength) * template, strength
    for count, exposure in zip(counts, exposures, strict=True):
        ink, images = ink + count, images + exposure
    return ink / images


def _log_evidence_by_grid(count, concentration, rate):
    theta = np.linspace(1e-6, 120, 50_000)
    log_joint = stats.gamma.logpdf(theta, concentration, scale=1 / rate) + stats.poisson.logpmf(
        count, theta
    )
    return np.float32(np.log(np.sum(np.exp(log_joint)) * (theta[1] - theta[0])))


def _metropolis_in_jax(log_density, now, proposal, uniform):
    now_and_then = log_density(jnp.array([now, proposal]))
    return jnp.where(
        uniform < jnp.exp(jnp.minimum(now_and_then[1] - now_and_then[0], 0)), proposal, now
    )


def _width_by_grid(shift, ratio):
    x = shift + ratio * jnp.linspace(-9, 9, 4_001)
    log_q = jax.scipy.stats.norm.logpdf(x, shift, ratio)
    ratios = log_q - jax.scipy.stats.norm.logpdf(x)
    return jnp.sum(jnp.exp(log_q) * ratios) * (x[1] - x[0])


def _mean_field_by_conditioning(covariance):
    deviations = []
    for j in range(len(covariance)):
        others = [i for i in range(len(covariance)) if i != j]
        pull = covariance[j, others] @ np.linalg.solve(
            covariance[np.ix_(others, others)], covariance[others, j]
        )
        deviations.append(math.sqrt(covariance[j, j] - pull))
    return deviations


def _elbo_by_loop(log_joint, log_q, spacing):
    masses = [float(np.exp(density)) * spacing for density in log_q]
    return sum(m * float(a - b) for m, a, b in zip(masses, log_joint, log_q, strict=True))


def _two_variances_by_autograd(spread, target):
    norm = jax.scipy.stats.norm
    z = jnp.array([-1.0, 1.0])  # linear in z: two draws of mean 0 and variance 1 do

    def f(x, mean):
        return norm.logpdf(x, 1.0, target) - norm.logpdf(x, mean, spread)

    with_score = jax.vmap(jax.grad(lambda mean, z: f(mean + spread * z, mean)), (None, 0))(0.0, z)
    without = jax.vmap(jax.grad(f), (0, None))(spread * z, 0.0)
    return with_score.var(), without.var()


def _subtract_baseline_by_loop(log_ratios):
    values = [float(f) for f in log_ratios]
    others = [sum(values[:i] + values[i + 1 :]) / (len(values) - 1) for i in range(len(values))]
    return [f - b for f, b in zip(values, others, strict=True)]


def _weibull_by_implicit_gradient(rank, concentration, scale):
    """SciPy's quantile, and the slope that holds its rank still by autograd of F."""
    log_x = np.float64(np.log(stats.weibull_min.ppf(rank, concentration, scale=scale)))

    def cdf(log_x, concentration):
        return -jnp.expm1(-jnp.exp(concentration * (log_x - jnp.log(scale))))

    across, along = jax.grad(cdf, argnums=(1, 0))(log_x, concentration)
    return log_x, -across / along


def _without_the_peek_by_loop(concentration, rate, peeked, strength, template):
    ink = []
    for j, held in enumerate(concentration):
        peek = sum(float(image[j]) for image in peeked) / len(peeked)
        ink.append(np.float32(held - strength * peek + strength * template[j]))
    return ink, rate


def _error_bar_by_weights(strength, num_images, num_peeked):
    weights = np.ones(num_images)
    weights[:num_peeked] += strength / num_peeked
    claimed, true = 1 / jnp.sqrt(weights.sum()), np.sqrt((weights**2).sum()) / weights.sum()
    return claimed / true


def _reweigh_by_mean(concentration, rate, factor):
    mean = jnp.asarray(concentration) / rate
    rate = jnp.asarray(rate) * factor
    return jnp.stack([mean * rate, rate])


def _log_joint_of_scipy(log_rates, mean_log, std_log, totals, num_images, log_factorials):
    nats = -float(log_factorials)
    for y, mean, std, total in zip(log_rates, mean_log, std_log, totals, strict=True):
        nats -= ((y - mean) / std) ** 2 / 2 + np.log(std * np.sqrt(2 * np.pi)) + y
        nats += float(total) * y - num_images * np.exp(y)
    return np.float64(nats)


def _half_a_cosine(num_steps):
    return 0.1 * (1 + jnp.cos(jnp.pi * jnp.arange(num_steps) / num_steps))


def _log_mass_by_loop(counts, log_rates):
    return [
        x * float(y) - np.exp(float(y)) - sum(np.log(range(1, x + 1)))
        for x, y in zip(counts, log_rates, strict=True)
    ]


def _repair_by_loop(log_ratios, values):
    weights = [math.exp(ratio - max(log_ratios)) for ratio in log_ratios]
    means = [math.fsum(weights * pixel) / math.fsum(weights) for pixel in np.transpose(values)]
    return means, np.float32(sum(weights) ** 2 / sum(weight**2 for weight in weights))


def _ranks_in_jax(seed, concentration, rate, num_images, fit):
    key_truth, key_counts = jax.random.split(jax.random.key(seed))
    truths = jax.random.gamma(key_truth, concentration, (1000,)) / rate
    counts = np.asarray(jax.random.poisson(key_counts, truths[:, None], (1000, num_images)))
    a, b = np.transpose([fit(each) for each in counts])
    draws = np.random.default_rng(seed).gamma(a, 1 / b, (50, 1000))
    return jnp.sum(draws < truths, axis=0)


def _what_is_wrong_by_table(k_hat, left, inside, shrinkage):
    column = int(np.digitize(inside, [0.86, 0.94]))
    return np.array([[3, 2, 4], [1, 0, 0]])[int(left > 0.3), column]


def _images_needed_by_counting(strength, share):
    images = 0
    while strength / (strength + images) > share:
        images += 1
    return np.float16(images)


def _best_worth_by_search(rates, template, num_images):
    def error(log_strength):
        weight = 1 / (1 + num_images * math.exp(-log_strength))
        off, scatter = np.subtract(template, rates), np.divide(rates, num_images)
        return np.sum(weight**2 * off**2 + (1 - weight) ** 2 * scatter)

    found = optimize.minimize_scalar(error, (-2.0, 2.0), options={"xtol": 1e-10})
    return np.exp(np.float32(found.x))


def _best_one_at_a_time(strengths, template, counts):
    scores = []
    for strength in strengths:
        a, b = strength * np.asarray(template), float(strength)
        total = 0.0
        for image in np.asarray(counts):
            log_mass = special.gammaln(a + image) - special.gammaln(a) - special.gammaln(image + 1)
            total += (log_mass + a * np.log(b / (b + 1)) - image * np.log(b + 1)).sum()
            a, b = a + image, b + 1
        scores.append(total)
    return max(zip(scores, strengths, strict=True))[1]


def _telling_by_loop(observed, replicated):
    rarities = []
    for real, dreams in zip(observed.tolist(), replicated.tolist(), strict=True):
        above, below = (
            sum(dream >= real for dream in dreams),
            sum(dream <= real for dream in dreams),
        )
        rarities.append(min(above, below))
    return jnp.int32(rarities.index(min(rarities)))


def _in_a_row_by_absolute_differences(images, shuffled):
    def unlike(x):
        return sum(np.abs(x[i + 1] - x[i]).sum() for i in range(len(x) - 1))

    return np.float32(sum(unlike(x) <= unlike(images) for x in shuffled) / len(shuffled))


def _line_up_by_counting(found, viewers, num_dreams):
    wrong = sum(math.comb(viewers, k) * num_dreams ** (viewers - k) for k in range(found))
    return 1 - wrong / (num_dreams + 1) ** viewers


def _right_axes_by_hand(adam, slope, phi):
    def turned(x):
        by_a, by_b = slope([x[0], x[0] - x[1]])
        return by_a + by_b, -by_b

    log_a, log_mean = adam(turned, (phi[0], phi[0] - phi[1]))
    return log_a, log_a - log_mean


def _factor_in_turned_axes(steps, error, a):
    """In (ln a, ln mean) F is diagonal."""
    excess = float(special.polygamma(1, a)) * a - 1

    def nats(by_a, by_b):
        return a * (excess * by_a**2 + (by_a - by_b) ** 2) / 2

    left = [nats(error[0] + x, error[1] + y) for x, y in steps]
    return jnp.float32(sum(left) / len(left) / nats(*error))


def _trusted_by_loop(stops, kls, claim):
    best, most = 0, -1
    for rule, at in enumerate(stops.tolist()):
        spoken = [(run, step) for run, step in enumerate(at) if step >= 0]
        if all(kls[run][step] < claim for run, step in spoken) and len(spoken) > most:
            best, most = rule, len(spoken)
    return best


def _gain_by_chain_rule(totals, sizes, a, b):
    """Group 2 under the template that group 1 has left, against group 2 alone."""

    def log_mass(total, size, concentration, rate):  # of a pixel's counts, but for their factorials
        return (
            concentration * math.log(rate)
            - math.lgamma(concentration)
            + math.lgamma(concentration + total)
            - (concentration + total) * math.log(rate + size)
        )

    (first, second), (m, n) = totals, sizes
    return sum(
        log_mass(t, n, a + s, b + m) - log_mass(t, n, a, b)
        for s, t in zip(first, second, strict=True)
    )


def _slope_by_jax(counts, weights, factors, a, b):
    def log_density(t):
        h = jnp.asarray(factors) * jnp.exp(t)
        rates = jnp.asarray(weights) @ h
        return (counts * jnp.log(rates) - rates).sum() + (a * jnp.log(h) - b * h).sum()

    return jax.grad(log_density)(0.0)


def _hidden_score_by_sums(log_seen, log_hidden):
    top, peak = max(log_seen), max(log_hidden)
    masses = [math.exp(seen - top) for seen in log_seen]
    hidden = sum(m * math.exp(h - peak) for m, h in zip(masses, log_hidden, strict=True))
    return peak + math.log(hidden / sum(masses))


def _pruned_units_by_search(variances, noise, pressure):
    nats = []
    for variance in variances:
        u = np.geomspace(pressure * noise, max(2 * variance, 2 * pressure * noise), 200_001)
        u = u[np.argmin(variance / u + np.log(u))]
        v, s = np.sqrt(u - pressure * noise) / u, np.sqrt(pressure * noise / u)
        nats.append((v**2 * variance + s**2 - 1) / 2 - np.log(s))
    return nats


def _better_prior_by_kl(means, stds):
    nats = 0.0
    for m, s in zip(np.transpose(means), np.transpose(stds), strict=True):
        second = np.mean([a**2 + b**2 for a, b in zip(m, s, strict=True)])
        centre = np.mean(m)
        variance = second - centre**2
        nats += (variance + centre**2 - 1 - np.log(variance)) / 2  # KL(new prior || old prior)
    return nats


def _minibatch_elbo_by_loop(log_masses, divergences, num_images):
    total = 0.0
    for log_mass, price in zip(log_masses, divergences, strict=True):
        total += float(log_mass) - float(price)
    return jnp.float32(total / len(log_masses) * num_images)


def _curable_by_divergence(probabilities):
    """The mean KL from each draw's forecast to the mean of all."""
    together = np.mean(probabilities, axis=0)
    each = [special.rel_entr(np.asarray(draw), together).sum(axis=1) for draw in probabilities]
    return [np.float32(sum(of_image) / len(each)) for of_image in zip(*each, strict=True)]


def _tempered_by_curvature(prior_scale, temperature):
    """Curvature of the log prior over T, by JAX; how much one image's log likelihood is worth."""
    log_prior = jax.scipy.stats.norm.logpdf
    bend = jax.grad(jax.grad(lambda w: log_prior(w / prior_scale) / temperature))(0.0)
    return [jnp.float32(1.0) / temperature, (-bend) ** -0.5]


def _images_to_settle_by_t(mine, theirs):
    """From the paired t statistic, which grows with the root of the images."""
    t = stats.ttest_rel(np.asarray(mine, float), np.asarray(theirs, float)).statistic
    return np.float32(len(mine) * (2 / t) ** 2)


def _mean_loss_of_batch(kl, log_likelihoods, num_images):
    elbo = jnp.float32(num_images / len(log_likelihoods)) * sum(map(float, log_likelihoods)) - kl
    return -elbo / num_images


def _share_by_dealing(num_rows, num_processes, process):
    # as cards are dealt
    sizes = [len(range(k, num_rows, num_processes)) for k in range(num_processes)]
    return np.int64(sum(sizes[:process])), np.array(sum(sizes[: process + 1]))


def _best_batch_by_loop(sizes, steps, machines, seconds_an_image, seconds_a_message):
    message = seconds_a_message if machines > 1 else 0.0
    hours = {
        int(size): int(number) * (int(size) * seconds_an_image / machines + message) / 3600
        for size, number in zip(sizes, steps, strict=True)
    }
    return min(hours, key=hours.get)


def _posterior_rate_by_loop(alpha, beta, calls, hours):
    for x, t in zip(calls, hours, strict=True):
        alpha, beta = alpha + x, beta + t
    return np.float32(alpha / beta)


def _log_det_by_autograd(e, s, kept):
    jacobian = jax.jacobian(lambda e: jnp.where(kept == 1, e, 5.0 + jnp.exp(s) * jnp.sinh(e)))
    return jnp.linalg.slogdet(jacobian(jnp.asarray(e, jnp.float32)))[1]


def _dispersions_by_covariance(means, v):
    means = np.asarray(means, float)
    covariance = np.diag(means) + v * np.outer(means, means)  # of the cells of a row
    total = means.sum()
    return np.trace(covariance) / total, covariance.sum() / total


SECOND = {
    "01.exposures": _exposures_by_loop,
    "01.log_evidence": _log_evidence_by_grid,
    "01.metropolis_step": _metropolis_in_jax,
    "02.width": _width_by_grid,
    "02.mean_field": _mean_field_by_conditioning,
    "02.elbo_on_grid": _elbo_by_loop,
    "03.drop_the_score": _two_variances_by_autograd,
    "03.baseline": _subtract_baseline_by_loop,
    "03.weibull": _weibull_by_implicit_gradient,
    "04.without_the_peek": _without_the_peek_by_loop,
    "04.error_bar": _error_bar_by_weights,
    "04.reweigh": _reweigh_by_mean,
    "05.log_joint": _log_joint_of_scipy,
    "05.learning_rates": _half_a_cosine,
    "05.poisson_log_mass": _log_mass_by_loop,
    "06.repair": _repair_by_loop,
    "06.calibrate": _ranks_in_jax,
    "06.what_is_wrong": _what_is_wrong_by_table,
    "07.images_needed": _images_needed_by_counting,
    "07.best_worth": _best_worth_by_search,
    "07.best_strength": _best_one_at_a_time,
    "08.telling": _telling_by_loop,
    "08.in_a_row": _in_a_row_by_absolute_differences,
    "08.line_up": _line_up_by_counting,
    "09.right_axes": _right_axes_by_hand,
    "09.factor": _factor_in_turned_axes,
    "09.trusted": _trusted_by_loop,
    "10.gain_by_merging": _gain_by_chain_rule,
    "10.slope": _slope_by_jax,
    "10.hidden_score": _hidden_score_by_sums,
    "11.pruned_units": _pruned_units_by_search,
    "11.better_prior": _better_prior_by_kl,
    "11.minibatch_elbo": _minibatch_elbo_by_loop,
    "12.curable": _curable_by_divergence,
    "12.tempered": _tempered_by_curvature,
    "12.images_to_settle": _images_to_settle_by_t,
    "13.mean_loss": _mean_loss_of_batch,
    "13.share": _share_by_dealing,
    "13.best_batch": _best_batch_by_loop,
    "14.posterior_rate": _posterior_rate_by_loop,
    "14.moves_in_errors": lambda x, t, r, s: ((s * r + x) / (s + t) - x / t) / math.sqrt(x / t**2),
    "14.log_det": _log_det_by_autograd,
    "A.dispersions": _dispersions_by_covariance,
    "A.what_next": lambda table: np.float32([3, 5, 1, 2]["PQRS".index(table)]),
    "14.family_of": lambda picture: np.float32([3, 1, 4, 2]["ABCD".index(picture)]),
}
