"""The model of notebook 5 in PyMC: ADVI, whose surrogate is normal in the logarithms of the rates;
draws."""

import pymc as pm


def fit(counts, concentration, rate, num_steps=3000, num_draws=1000, seed=0):
    with pm.Model():
        rates = pm.Gamma("rates", alpha=concentration, beta=rate, shape=len(rate))
        pm.Poisson("counts", mu=rates, observed=counts)
        advi = pm.ADVI(random_seed=seed)
        for learning_rate in (0.05, 0.005, 0.0005):  # each from where the last one ended
            optimiser = pm.adam(learning_rate=learning_rate)
            fitted = advi.fit(num_steps, obj_optimizer=optimiser, progressbar=False)
    return fitted.sample(num_draws, random_seed=seed).posterior["rates"].values[0]
