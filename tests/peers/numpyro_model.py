"""The model of notebook 5 in NumPyro: model, guide, stochastic variational inference, draws of the
rates."""

import jax
import optax
from numpyro import param, plate, sample
from numpyro.distributions import Gamma, Poisson, constraints
from numpyro.infer import SVI, Predictive, Trace_ELBO


def model(counts, concentration, rate):
    rates = sample("rates", Gamma(concentration, rate).to_event(1))
    with plate("images", len(counts)):
        sample("counts", Poisson(rates).to_event(1), obs=counts)


def guide(counts, concentration, rate):
    alpha = param("alpha", concentration, constraint=constraints.positive)
    beta = param("beta", rate, constraint=constraints.positive)
    sample("rates", Gamma(alpha, beta).to_event(1))


def fit(counts, concentration, rate, num_steps=1000, num_draws=1000, seed=0):
    optimiser = optax.adam(optax.cosine_decay_schedule(0.1, num_steps))
    svi = SVI(model, guide, optimiser, Trace_ELBO(num_particles=8))
    key_fit, key_draws = jax.random.split(jax.random.key(seed))
    fitted = svi.run(key_fit, num_steps, counts, concentration, rate, progress_bar=False)
    predictive = Predictive(guide, params=fitted.params, num_samples=num_draws)
    return predictive(key_draws, counts, concentration, rate)["rates"]
