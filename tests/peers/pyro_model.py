"""The model of notebook 5 in Pyro: model, guide, stochastic variational inference, draws of the
rates."""

import torch
from pyro import clear_param_store, param, plate, sample, set_rng_seed
from pyro.distributions import Gamma, Poisson, constraints
from pyro.infer import SVI, Predictive, Trace_ELBO
from pyro.optim import CosineAnnealingLR


def model(counts, concentration, rate):
    rates = sample("rates", Gamma(concentration, rate).to_event(1))
    with plate("images", len(counts)):
        sample("counts", Poisson(rates).to_event(1), obs=counts)


def guide(counts, concentration, rate):
    alpha = param("alpha", concentration, constraint=constraints.positive)
    beta = param("beta", rate, constraint=constraints.positive)
    sample("rates", Gamma(alpha, beta).to_event(1))


def fit(counts, concentration, rate, num_steps=1000, num_draws=1000, seed=0):
    set_rng_seed(seed)
    clear_param_store()
    adam = {"optimizer": torch.optim.Adam, "optim_args": {"lr": 0.1}, "T_max": num_steps}
    optimiser = CosineAnnealingLR(adam)
    elbo = Trace_ELBO(num_particles=8, vectorize_particles=True, max_plate_nesting=1)
    svi = SVI(model, guide, optimiser, elbo)
    data = [torch.tensor(array) for array in (counts, concentration, rate)]
    for _ in range(num_steps):
        svi.step(*data)
        optimiser.step()
    return Predictive(guide, num_samples=num_draws)(*data)["rates"].detach().numpy()
