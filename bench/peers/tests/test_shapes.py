import unittest

import shapes


class StepNames(unittest.TestCase):
    def test_a_warm_up_step_has_two_images_and_three_tasks(self):
        self.assertEqual(shapes.step("step-r18-64-warm"), shapes.StepShape((2, 2, 2, 2), 64, "warm", 0, 2, 3))

    def test_batch_and_tasks_come_in_any_order(self):
        self.assertEqual(shapes.step("step-r34-321-policy-all-b16-t5"), shapes.StepShape((3, 4, 6, 3), 321, "policy", 16, 16, 5))
        self.assertEqual(shapes.step("step-r34-321-policy-all-t5-b16"), shapes.StepShape((3, 4, 6, 3), 321, "policy", 16, 16, 5))

    def test_open_blocks_are_those_that_there_are_at_most(self):
        self.assertEqual(shapes.step("step-d3-64-weights-99").open, 12)
        self.assertEqual(shapes.step("step-d3-64-weights-0").open, 0)

    def test_what_is_no_step_is_a_sentence(self):
        for name in ("step", "step-r18", "step-r50-64-warm", "step-r18-x-warm", "step-r18-64-warm-1", "step-r18-64-weights", "step-r18-64-policy-0", "step-d-64-warm"):
            with self.subTest(name), self.assertRaisesRegex(ValueError, f"there is no case {name}; a step is step-r18"):
                shapes.step(name)

    def test_other_names_are_known_or_refused(self):
        for name in ("sgemm-512", "conv-r64-filter", "eval-nyu3", "step-r18-64-warm-b4"):
            shapes.require(name)
        for name in ("sgemm", "conv-r64-sideways", "conv-r65-data", "eval-nyu2", "stem"):
            with self.subTest(name), self.assertRaisesRegex(ValueError, f"there is no case {name}"):
                shapes.require(name)

    def test_features_are_those_of_the_backbone(self):
        self.assertEqual([shapes.feature_size(pixels) for pixels in (33, 64, 224, 321)], [5, 9, 29, 41])


if __name__ == "__main__":
    unittest.main()
