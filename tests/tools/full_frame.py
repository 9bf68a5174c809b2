"""The picture that a widget's canvas should show, drawn from nothing."""

import numpy as np


def full_frame(canvas):
    """What `canvas.frame()` is tested against: every artist drawn, moving or not, uint8 array
    [height, width, 4]."""
    artists, agg = canvas._moving + canvas._seldom, canvas._figure.canvas
    for artist in artists:
        artist.set_animated(False)
    agg.draw()
    for artist in artists:
        artist.set_animated(True)
    return np.array(agg.buffer_rgba())
