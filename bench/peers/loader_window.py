"""The random window of a training image and what is read through it, as AdaShare.Native.Data/Augmentation has it: scale, mirror, padding around the centre up to the crop, random crop.

Only the pixels of the window are resized, which is less work than the usual way, to resize the whole image and to cut the crop out of it.
"""

import numpy as np

SCALES = (0.5, 1.5)
MIRROR = 0.5


class Window:
    """A crop of crop x crop pixels out of an image of height x width pixels that was scaled and perhaps mirrored."""

    def __init__(self, height, width, crop, random):
        scale = random.uniform(*SCALES)
        self.crop, self.mirrored = crop, random.random() < MIRROR
        self.rows = Axis(height, int(height * scale), crop, random)
        self.columns = Axis(width, int(width * scale), crop, random)

    def image(self, stored, resize):
        """[crop, crop, channels] in single precision, 0 in the padding. resize(pixels, height, width) is bilinear. stored is [height, width, channels]."""
        rows, columns = self.rows, self.columns
        part = resize(stored[rows.first : rows.last, columns.first : columns.last], rows.shown, columns.shown)
        padded = np.zeros((self.crop, self.crop, stored.shape[2]), np.float32)
        padded[rows.offset : rows.offset + rows.shown, columns.offset : columns.offset + columns.shown] = part
        return padded[:, ::-1] if self.mirrored else padded

    def label(self, stored, size, padding):
        """[size, size, …]: the nearest stored pixels at size x size places of the crop, which is where a network predicts; padding beyond the image."""
        rows, columns = self.rows.nearest(size, False), self.columns.nearest(size, self.mirrored)
        found = stored[np.maximum(rows, 0)[:, None], np.maximum(columns, 0)[None, :]]
        outside = (rows < 0)[:, None] | (columns < 0)[None, :]
        if outside.any():
            found = found.copy()
            found[outside] = padding
        return found


class Axis:
    """A window along rows or columns."""

    def __init__(self, source, scaled, crop, random):
        self.source, self.scaled, self.crop = source, max(1, scaled), crop
        # Pixels of padding before the scaled image, below 0 where the crop begins within it.
        start = (max(self.scaled, crop) - self.scaled) // 2 - int(random.integers(0, max(self.scaled, crop) - crop + 1))
        self.offset, begin = max(0, start), max(0, -start)
        self.shown = min(crop - self.offset, self.scaled - begin)
        self._begin = begin
        self.first = begin * source // self.scaled
        self.last = min(source, -(-(begin + self.shown) * source // self.scaled))

    def nearest(self, size, mirrored):
        """The stored pixels at size places of the crop, -1 beyond the image."""
        places = np.minimum(np.arange(size) * self.crop // size, self.crop - 1)
        if mirrored:
            places = self.crop - 1 - places
        inside = places - self.offset
        pixels = np.minimum((self._begin + inside) * self.source // self.scaled, self.source - 1)
        return np.where((inside >= 0) & (inside < self.shown), pixels, -1)
