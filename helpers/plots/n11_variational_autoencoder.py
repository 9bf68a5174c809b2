"""Pictures of codes: bounds that rise, the latent plane and its labels."""

import numpy as np

from helpers import style
from helpers.plots import images


def rising_bounds(num_draws, bounds, reference):
    """The importance-weighted bound against the number of draws, and what an independent method
    says.

    Args: num_draws: whole numbers, ascending, 1 first; bounds [len(num_draws)] and reference: nats
    an image.
    """
    figure, ax = style.new_axes(6.4, 3.0)
    ax.axhline(reference, **style.LINES["samples"])
    ax.semilogx(num_draws, bounds, marker="o", **style.LINES["surrogate"])
    span = max(reference, *bounds) - min(reference, *bounds) + 1e-3
    ax.set(xlabel="draws from q(z | x)", ylabel="nats an image")
    ax.set_ylim(min(reference, *bounds) - 0.2 * span, max(reference, *bounds) + 0.2 * span)
    ax.annotate(
        "ELBO",
        (1, bounds[0]),
        (8, -12),
        textcoords="offset points",
        color=style.COLOURS["surrogate"],
    )
    words = {"textcoords": "offset points", "color": style.MAUVE, "va": "bottom"}
    ax.annotate("annealed importance sampling", (1, reference), (8, 3), **words)
    return figure


def latent_plane(codes, labels, decoded, reach):
    """Left: where the encoder puts images, each as its digit. Right: what the decoder makes of a
    grid of codes.

    Args: codes [n, 2]; labels [n], digits; decoded [rows, columns, 64], counts, the first row has
    the largest second number of the code; reach: both numbers of the grid's codes run from -reach
    to reach.
    """
    figure, (left, right) = style.new_axes(8.0, 4.0, 1, 2)
    scatter_digits(left, codes, labels, reach)
    rows, columns, _ = np.shape(decoded)
    framed = np.full((rows, columns, 9, 9), np.nan)  # a line of paper between images
    framed[..., :8, :8] = np.reshape(decoded, (rows, columns, 8, 8))
    mosaic = framed.swapaxes(1, 2).reshape(9 * rows, 9 * columns)
    right.grid(False)
    right.imshow(
        mosaic, cmap=style.INK, vmin=0, vmax=images.MAX_COUNT, extent=(-reach, reach, -reach, reach)
    )
    right.set(xlabel="code 1", ylabel="code 2", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    return figure


def scatter_digits(ax, codes, labels, reach, fontsize=8):
    """Codes [n, 2] on given axes, each drawn as the digit that its image shows."""
    for (x, y), digit in zip(codes, labels, strict=True):
        if max(abs(x), abs(y)) < reach:
            ax.text(x, y, str(digit), fontsize=fontsize, ha="center", va="center")
    ax.set(
        xlim=(-reach, reach), ylim=(-reach, reach), xlabel="code 1", ylabel="code 2", aspect="equal"
    )
