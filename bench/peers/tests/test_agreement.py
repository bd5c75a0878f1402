import os
import tempfile
import unittest

import numpy as np

import agreement
import formula
from agreement import Bounds


class Agreement(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bounds = Bounds(1e-3, 1e-4, 1e-2)

    def put(self, side, **results):
        folder = os.path.join(self.folder.name, side)
        os.makedirs(folder, exist_ok=True)
        for name, values in results.items():
            np.asarray(values, "<f4").tofile(os.path.join(folder, name.replace("__", ".") + ".f32"))
        return folder

    def test_the_largest_of_each_kind_is_reported(self):
        theirs = self.put("theirs", output__seg=[3, 4], loss__seg=[1], gradient__a=[100], after__a=[1])
        ours = self.put("ours", output__seg=[3, 4.002], loss__seg=[1], gradient__a=[100.5], after__a=[1.0001])
        worst = agreement.require(ours, theirs, self.bounds)
        self.assertAlmostEqual(worst["values"], 4e-4, 5)
        self.assertAlmostEqual(worst["gradients"], 5e-3, 5)
        self.assertEqual(worst["losses"], 0)

    def test_each_kind_has_a_bound_of_its_own(self):
        for name in ("output__seg", "loss__seg", "gradient__a", "after__a"):
            with self.subTest(name):
                with self.assertRaisesRegex(ValueError, f"{name.replace('__', '.')} differs from PyTorch's by 2.0e-02 of its norm, more than 1e-0[234]"):
                    agreement.require(self.put("a" + name, **{name: [1.02]}), self.put("b" + name, **{name: [1.0]}), self.bounds)

    def test_results_that_are_not_finite_never_agree(self):
        for value in (np.nan, np.inf):
            with self.assertRaisesRegex(ValueError, "must be as many, and finite"):
                agreement.differences(self.put("a", output__seg=[value]), self.put("b", output__seg=[value]))

    def test_results_of_another_size_never_agree(self):
        for value in (0.0, 0.4, -2.5, 3.0):
            with self.subTest(value), self.assertRaisesRegex(ValueError, "gradient.a has .* times the norm of PyTorch's; something is missing, or counted twice"):
                agreement.require(self.put("a", gradient__a=[value]), self.put("b", gradient__a=[1.0]), Bounds(9, 9, 9))

    def test_the_worst_is_named(self):
        theirs, ours = self.put("theirs", loss__a=[1.0], output__a=[1.0]), self.put("ours", loss__a=[1.01], output__a=[1.05])
        with self.assertRaisesRegex(ValueError, "^loss.a differs"):
            agreement.require(ours, theirs, self.bounds)

    def test_other_results_never_agree(self):
        with self.assertRaisesRegex(ValueError, "must be as many"):
            agreement.differences(self.put("a", output__seg=[1, 2]), self.put("b", output__seg=[1]))
        with self.assertRaisesRegex(ValueError, "they must be the same"):
            agreement.differences(self.put("c", output__seg=[1]), self.put("d", output__sn=[1]))


class Formula(unittest.TestCase):
    def test_kept_weights_are_those_of_the_formula_in_the_order_asked_for(self):
        shapes = [("a.weight", (2, 3, 3, 3)), ("b.running_var", (4,)), ("c.bias", (70000,)), ("d.num_batches_tracked", ())]
        for keep in (False, True):
            weights = formula.Weights(keep)
            for _ in range(2):
                for (name, shape), (found, values) in zip(shapes, weights.of(shapes), strict=True):
                    self.assertEqual(name, found)
                    np.testing.assert_array_equal(values, formula.weight(name, shape))


if __name__ == "__main__":
    unittest.main()
