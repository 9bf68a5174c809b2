"""The best ELBO of a full normal, by a program of its own: natural steps with Hessians, in float64.

`python tests/tools/best_normal.py [--data FOLDER] [NAME ...]` prints one a model: what FAST is held
to. 1,500 steps of 64 draws, from the neutral start and from a narrow one, the better counts; ELBO
and standard error from 200,000 draws. Source: Lin, Schmidt and Khan (2020).
"""

import argparse
import functools

import jax
import jax.numpy as jnp
import numpy as np
import posteriors


@functools.partial(jax.jit, static_argnames=("num_steps", "num_samples"))
def best_normal(key, model, mean, factor, num_steps=1_500, num_samples=64):
    """Mean [d] and factor [d, d] of the normal of highest ELBO, by steps from these."""
    d = mean.size

    def step(q, key_and_i):
        (mean, factor), (key, i) = q, key_and_i
        half = jax.random.normal(key, (num_samples // 2, d))
        draws = mean + jnp.concatenate([half, -half]) @ factor.T
        gradients = jax.vmap(jax.grad(model.log_joint))(draws)
        hessians = jax.vmap(jax.hessian(model.log_joint))(draws)
        kept = jnp.isfinite(gradients).all(1) & jnp.isfinite(hessians).all((1, 2))
        weights = kept / jnp.maximum(kept.sum(), 1)
        gradient = weights @ jnp.where(kept[:, None], gradients, 0.0)
        hessian = jnp.where(kept[:, None, None], hessians, 0.0)
        hessian = jnp.tensordot(weights, hessian, 1)
        rho = 0.2 / (1 + 0.1 * jnp.maximum(i - num_steps // 3, 0))
        sizes, axes = jnp.linalg.eigh(-factor.T @ hessian @ factor - jnp.eye(d))
        stretch = jnp.clip(1 + rho * sizes + (rho * sizes) ** 2 / 2, 0.5, 4.0)
        move = rho * factor.T @ gradient
        move *= jnp.minimum(1, jnp.sqrt(d) / jnp.linalg.norm(move))
        mean, factor = mean + factor @ move, factor @ (axes / jnp.sqrt(stretch)) @ axes.T
        return (mean, jnp.linalg.cholesky(factor @ factor.T)), None

    keys = jax.random.split(key, num_steps), jnp.arange(num_steps)
    return jax.lax.scan(step, (mean, factor), keys)[0]


def best_of_two(model, d):
    """(ELBO, standard error, mean, factor) of the better of two fits, each from another width."""
    was = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    found = []
    for width in (1.0, 0.01):
        q = best_normal(jax.random.key(0), model, jnp.zeros(d), width * jnp.eye(d))
        found.append((*posteriors.elbo(model, *q), *map(np.asarray, q)))
    jax.config.update("jax_enable_x64", was)
    return max((fit for fit in found if fit[0] == fit[0]), key=lambda fit: fit[0])


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder with posteriordb's tables, in place of made ones")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    models = posteriors.read(arguments.data) if arguments.data else posteriors.made()
    for name in arguments.names or models:
        value, error, *_ = best_of_two(models[name], posteriors.SIZES[name])
        print(f"{name:20}{value:14.4f} +-{error:8.4f}", flush=True)


if __name__ == "__main__":
    main()
