"""The model of notebook 5 in TensorFlow Probability on JAX: joint density, surrogate, fit, draws of
the rates."""

import jax
import jax.numpy as jnp
import optax
from tensorflow_probability.substrates import jax as tfp

tfd = tfp.distributions


def fit(counts, concentration, rate, num_steps=1000, num_draws=1000, seed=0):
    model = tfd.JointDistributionNamed(
        {
            "rates": tfd.Independent(tfd.Gamma(concentration, rate), 1),
            "counts": lambda rates: tfd.Sample(tfd.Independent(tfd.Poisson(rates), 1), len(counts)),
        }
    )

    def surrogate(log_alpha, log_beta):
        return tfd.Independent(tfd.Gamma(jnp.exp(log_alpha), jnp.exp(log_beta)), 1)

    key_fit, key_draws = jax.random.split(jax.random.PRNGKey(seed))
    fitted, _ = tfp.vi.fit_surrogate_posterior_stateless(
        target_log_prob_fn=lambda rates: model.log_prob(rates=rates, counts=counts),
        build_surrogate_posterior_fn=surrogate,
        initial_parameters=(jnp.log(concentration), jnp.log(rate)),
        optimizer=optax.adam(optax.cosine_decay_schedule(0.1, num_steps)),
        num_steps=num_steps,
        sample_size=8,
        seed=key_fit,
    )
    return surrogate(*fitted).sample(num_draws, seed=key_draws)
