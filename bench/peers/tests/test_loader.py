import contextlib
import io
import unittest

import numpy as np

import loader
from loader_window import Axis, Window


class Windows(unittest.TestCase):
    """A window reads what scaling, padding and cropping the whole image gives."""

    def test_labels_are_those_of_the_whole_image_scaled_padded_and_cut(self):
        random = np.random.default_rng(3)
        for source in (7, 20, 33):
            for scaled in (1, 5, source, 2 * source - 1):
                for crop in (4, 16, 40):
                    axis = Axis(source, scaled, crop, random)
                    whole = np.arange(scaled) * source // scaled
                    before = (max(scaled, crop) - scaled) // 2
                    padded = np.concatenate([np.full(before, -1), whole, np.full(max(scaled, crop) - scaled - before, -1)])
                    first = before + axis._begin - axis.offset
                    self.assertTrue(0 <= first <= len(padded) - crop)
                    self.assertEqual(list(axis.nearest(crop, False)), list(padded[first : first + crop]))
                    self.assertEqual(list(axis.nearest(crop, True)), list(padded[first : first + crop][::-1]))

    def test_an_image_that_is_not_scaled_is_cut_out(self):
        random = np.random.default_rng(4)
        image = np.arange(30 * 40 * 3).reshape(30, 40, 3) % 251
        for _ in range(20):
            window = Window(30, 40, 16, random)
            window.rows, window.columns = Axis(30, 30, 16, random), Axis(40, 40, 16, random)
            found = window.image(image, lambda pixels, height, width: pixels)
            rows, columns = window.rows.nearest(16, False), window.columns.nearest(16, window.mirrored)
            self.assertTrue((found == image[rows[:, None], columns[None, :]]).all())
            self.assertTrue((window.label(image[:, :, 0], 16, -1) == found[:, :, 0]).all())

    def test_padding_is_marked_in_labels_and_0_in_images(self):
        random = np.random.default_rng(5)
        window = Window(8, 8, 32, random)
        label = window.label(np.ones((8, 8), np.uint8), 32, 255)
        image = window.image(np.ones((8, 8, 3), np.uint8), lambda pixels, height, width: np.ones((height, width, 3)))
        self.assertTrue((label == 255).any() and (label == 1).any())
        self.assertTrue(((label == 255) == (image[:, :, 0] == 0)).all())


class Options(unittest.TestCase):
    def wrong(self, *arguments):
        errors = io.StringIO()
        with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(errors):
            loader.parse(arguments)
        self.assertEqual(caught.exception.code, 2)
        return errors.getvalue()

    def test_what_is_wrong_is_one_line(self):
        self.assertEqual(self.wrong("--formats", "png,gif"), "loader: --formats has gif; expected any of png, jpeg, npy\n")
        self.assertEqual(self.wrong("--workers", "0"), "loader: --workers has 0; expected numbers from 1 on\n")
        self.assertEqual(self.wrong("--turns", "0"), "loader: --turns is 0; expected 1 or more\n")
        self.assertEqual(self.wrong("--images", "8"), "loader: --images is 8; expected 32 or more, two batches\n")
        self.assertEqual(self.wrong("--adashare", "/no/such"), "loader: --adashare /no/such is no file\n")
        self.assertEqual(self.wrong("--formats", ","), "loader: --formats and --workers need at least one entry\n")


if __name__ == "__main__":
    unittest.main()
