"""Pictures of an optimisation on its way: the ELBO, step by step, against the line it cannot cross."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers import style


def elbo_against_evidence(elbos, log_evidence, final_elbo, *, window=100):
    """The ELBO's estimates, from the first step on a log axis (left), and the last ones, close up (right).

    Args:
        elbos: [steps], estimates in nats.
        log_evidence: exact ln p(X), in nats.
        final_elbo: exact ELBO of the surrogate at the end, in nats.
        window: how many steps the running mean at the right covers.

    Returns:
        matplotlib Figure.
    """
    elbos = np.asarray(elbos, dtype=float)
    steps = np.arange(1, len(elbos) + 1)
    figure, (left, right) = style.new_axes(9.0, 3.4, 1, 2)
    left.axhline(log_evidence, **style.LINES["exact"])
    left.plot(steps, elbos, **style.LINES["surrogate"])
    left.set(xscale="log", xlabel="step (log scale)", ylabel="ELBO, estimated (nats)")
    left.yaxis.set_major_formatter("{x:,.0f}")
    span = log_evidence - elbos.min()
    left.set_ylim(log_evidence - 1.08 * span, log_evidence + 0.16 * span)
    left.annotate(
        "evidence, exact", (1, log_evidence), xytext=(0, 4), textcoords="offset points", color=style.COLOURS["exact"]
    )
    middle = int(np.argmin(np.abs(elbos - (log_evidence - 0.5 * span))))
    left.annotate(
        "ELBO", (steps[middle], elbos[middle]), xytext=(10, -4), textcoords="offset points",
        color=style.COLOURS["surrogate"],
    )  # fmt: skip

    tail = slice(-min(1000, len(elbos)), None)
    distance = elbos - log_evidence
    window = max(1, min(window, len(elbos[tail]) // 5))
    smooth = np.convolve(distance[tail], np.ones(window) / window, mode="valid")
    right.plot(steps[tail], distance[tail], color=style.COLOURS["surrogate"], alpha=0.25, linewidth=0.8)
    right.plot(steps[tail][window - 1 :], smooth, color=style.COLOURS["surrogate"], linestyle="--")
    right.axhline(0, **style.LINES["exact"])
    low, high = np.quantile(distance[tail], [0.01, 0.995])
    low, high = min(low, 1.5 * (final_elbo - log_evidence)), max(high, 0.0)
    right.set_xlim(steps[tail][0], max(steps[-1], 2))
    right.xaxis.set_major_formatter("{x:,.0f}")
    right.set_ylim(low - 0.1 * (high - low), high + 0.2 * (high - low))
    right.set(xlabel="step, the last ones", ylabel="ELBO - evidence (nats)")
    right.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    end = {"ha": "left", "va": "center", "annotation_clip": False, "textcoords": "offset points", "xytext": (6, 0)}
    right.annotate("evidence", (steps[-1], 0), color=style.COLOURS["exact"], **end)
    right.annotate("mean of\nthe last", (steps[-1], smooth[-1]), color=style.COLOURS["surrogate"], **end)
    return figure
