"""A figure that can be redrawn in milliseconds: its static parts once, its moving parts at every
frame.

`FigureCanvasAgg` draws everything once without the moving artists and keeps that background; a
frame restores it and draws the moving artists over it. Spines move too, or they would be drawn
under what should lie under them. A word takes as long as four curves: words that stand for several
frames are kept with the background, until one changes. The PNG is encoded here: a general encoder
tries five filters a row, and takes several times as long.
"""

import struct
import zlib

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgba

from helpers import style
from helpers.data import MAX_COUNT, SIDE

DPI = 92  # a figure 9.2 inches wide just fits a notebook's output on a laptop
_FROM_ROW_ABOVE = 2  # PNG's filter type "up"
_WHITE = 255


class Canvas:
    """A figure with a fixed background and some artists that move."""

    def __init__(self, figure, moving, seldom=()):
        """Draw the background of a Figure of `place_axes` on an Agg canvas and keep it.

        `moving` are the artists in axes that change from frame to frame, `seldom` those that do now
        and then, and touch no other; all else, ticks and limits too, stays.
        """
        self._figure, self._seldom = figure, list(seldom)
        crossed = {artist.axes for artist in moving}
        moving = {
            *moving,
            *(spine for axes in crossed for spine in axes.spines.values() if spine.get_visible()),
        }
        # The order of a full draw: axes by axes, in each by zorder, then as added.
        drawn = [
            artist
            for axes in figure.axes
            for artist in sorted(axes.get_children(), key=Artist.get_zorder)
        ]
        self._moving = [artist for artist in drawn if artist in moving]
        for artist in [*self._moving, *self._seldom]:
            artist.set_animated(True)
        figure.canvas.draw()
        self._empty = self._background = figure.canvas.copy_from_bbox(figure.bbox)

    def frame(self):
        """The picture with the moving artists as they are now: uint8 array [height, width, 4],
        until the next."""
        canvas = self._figure.canvas
        if any(artist.stale for artist in self._seldom):  # changed since it was drawn
            canvas.restore_region(self._empty)
            for artist in self._seldom:
                artist.draw(canvas.renderer)
            self._background = canvas.copy_from_bbox(self._figure.bbox)
        canvas.restore_region(self._background)
        for artist in self._moving:
            artist.draw(canvas.renderer)
        return np.asarray(canvas.buffer_rgba())


def encode_png(pixels):
    """A picture, uint8 [height, width, 4], as the bytes of a PNG, fast rather than small: rows less
    those above them.

    Pillow's fastest lossless way, WebP, takes twice as long. Source: PNG specification, third
    edition (W3C, 2025), sections 9.2, 10.1 and 11.2.
    """
    height, width, _ = pixels.shape
    values = pixels.reshape(height, -1)
    rows = np.full((height, 1 + 4 * width), _FROM_ROW_ABOVE, np.uint8)
    rows[0, 1:] = values[0]
    np.subtract(values[1:], values[:-1], out=rows[1:, 1:])  # modulo 256, as the filter wants
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits a channel, RGBA
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows, level=1), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks.items()
    )


class PixelImage(Artist):
    """An 8x8 image whose pixels are blocks of whole screen pixels: drawn thirty times as fast as by
    imshow."""

    def __init__(self, axes, over=None, most=MAX_COUNT):
        """Put an empty image into axes whose sides were placed by `place_axes`.

        The axes' data coordinates become columns and rows, (0, 0) the middle of the first pixel.

        Args: over: None, or a colour for pixels above the scale, which get a white dot too; most:
        end of the scale, which begins at 0, counts.
        """
        super().__init__()
        self._over, self._most = over, most
        self._cmap = matplotlib.colormaps[style.INK].with_extremes(over=over)
        # from a pixel, 0 to 63, to the colour of a frame with a white line on either side
        self.marks = {}
        self.set_zorder(0.4)  # below patches and lines
        hide_axis(axes, xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5))
        axes.add_artist(self)
        self.set_data(np.zeros(SIDE**2))

    def set_data(self, image):
        """Show another image: array [64] or [8, 8], counts."""
        image = np.asarray(image).reshape(SIDE, SIDE)
        self._colours = self._cmap(image / self._most, bytes=True)  # [8, 8, 4]
        self._above = np.argwhere(image > self._most) if self._over else ()

    def draw(self, renderer):
        """Draw it; called by matplotlib."""
        if not self.get_visible():
            return
        box = self.axes.bbox
        block = round(box.width / SIDE)
        picture = self._colours.repeat(block, axis=0).repeat(block, axis=1)
        # by row and column, the same memory
        squares = picture.reshape(SIDE, block, SIDE, block, 4).swapaxes(1, 2)
        hole = round(0.36 * block)
        for row, column in self._above:
            squares[row, column, hole : block - hole, hole : block - hole] = _WHITE
        for pixel, colour in self.marks.items():
            place, frame = divmod(pixel, SIDE), np.round(np.multiply(255, to_rgba(colour)))
            for inset, fill in enumerate(
                (_WHITE, frame, frame, frame, _WHITE, self._colours[place])
            ):
                squares[place][inset : block - inset, inset : block - inset] = fill
        gc = renderer.new_gc()
        # the renderer starts at the bottom
        renderer.draw_image(gc, round(box.x0), round(box.y0), picture[::-1])
        gc.restore()


class Images:
    """A view of 8x8 images beside one colour bar; `draw` shows those of another result."""

    def __init__(self, figure, axes, images_of, over=None, ends=None):
        """Put empty images into all axes but the last, which takes the colour bar.

        Args: images_of: function from a result to arrays [64], counts, one for each image, None
        where there is none; over as in PixelImage; ends: ends of the images' colour scales, by
        default the bar's.
        """
        *places, bar = axes
        self._images_of = images_of
        ends = ends or [MAX_COUNT] * len(places)
        self._images = [PixelImage(ax, over, end) for ax, end in zip(places, ends, strict=True)]
        colour_bar(bar)
        self.canvas = Canvas(figure, self._images)

    def draw(self, result):
        """Show a result."""
        for picture, values in zip(self._images, self._images_of(result), strict=True):
            picture.set_visible(values is not None)
            if values is not None:
                picture.set_data(values)


def hide_axis(axes, **look):
    """No grid, spines or, unless `look` has some, ticks; look as for `Axes.set`."""
    axes.grid(False)
    axes.set(**{"xticks": [], "yticks": [], **look})
    axes.spines[:].set_visible(False)


def symlog_axis(axes, limits, powers, label):
    """A vertical axis, linear near 0 and logarithmic beyond; its ticks are 0 and signed powers of
    ten, such as -4."""
    axes.set_yscale("symlog", linthresh=1.0, linscale=0.6)
    names = [f"${'-' * (power < 0)}10^{abs(power)}$" if power else "0" for power in powers]
    axes.set(
        ylim=limits,
        yticks=[np.sign(power) * 10.0 ** abs(power) for power in powers],
        yticklabels=names,
    )
    axes.set_ylabel(label, fontsize=10)


def legend(figure, handles, centre, columns):
    """Name lines and areas, around a place in inches."""
    place = tuple(centre / figure.get_size_inches())
    look = {"fontsize": 10, "frameon": False, "columnspacing": 1.2}
    figure.legend(handles=handles, loc="center", bbox_to_anchor=place, ncols=columns, **look)


def colour_bar(axes):
    """Fill long and thin axes with the colour scale of a PixelImage; its ticks stand four counts
    apart."""
    scale = matplotlib.cm.ScalarMappable(matplotlib.colors.Normalize(0, MAX_COUNT), style.INK)
    way = "horizontal" if axes.bbox.width > axes.bbox.height else "vertical"
    bar = axes.figure.colorbar(scale, cax=axes, orientation=way, ticks=range(0, MAX_COUNT + 1, 4))
    bar.set_label("counts", fontsize=10)
    bar.outline.set_visible(False)


def place_axes(size, places):
    """A new figure with axes at fixed places, on whole screen pixels: (Figure, list of Axes).

    Its layout engine is off, its dots per inch are DPI. Args: size (width, height) of the figure
    and places, list of (left, bottom, width, height), one an axes, inches; a square place is shrunk
    to sides that are a multiple of eight screen pixels.
    """
    figure, (axes,) = style.new_axes(*size, 1, len(places), squeeze=False)
    figure.set_dpi(DPI)
    figure.set_layout_engine("none")
    for ax, place in zip(axes, places, strict=True):
        box = np.round(np.multiply(place, DPI))
        if place[2] == place[3]:
            box[2:] -= box[2] % SIDE
        ax.set_position(box / np.tile(np.multiply(size, DPI), 2))
    return figure, list(axes)
