import unittest

import modes
import shapes
import table


class Selection(unittest.TestCase):
    def test_every_row_names_a_case_and_has_bounds(self):
        for device in ("cpu", "cuda"):
            for row in table.rows(device):
                shapes.require(row.case)
                self.assertGreater(table.bounds(row.case, device, row.numerics).values, 0)

    def test_every_row_has_a_mode_to_be_held_against(self):
        for device in ("cpu", "cuda"):
            usual = modes.chosen(None, "cpu" if device == "cpu" else "cuda:0")
            for row in table.rows(device):
                self.assertTrue(table.partners(row, device, usual, asked=False), row)

    def test_wildcards_choose_among_the_rows(self):
        self.assertEqual({row.case for row in table.select("cpu", ["eval-*", "sgemm-5*"])}, {"eval-nyu3", "sgemm-512"})

    def test_any_step_may_be_named_and_is_reported_only(self):
        rows = table.select("cuda", ["step-r18-96-warm-t5"])
        self.assertEqual([row.numerics for row in rows], ["exact", "fast", "bfloat16"])
        self.assertTrue(all(row.must is None for row in rows))

    def test_kernels_have_no_row_in_bfloat16(self):
        self.assertEqual([row.numerics for row in table.select("cuda", ["conv-r64-data"])], ["exact", "fast"])

    def test_numerics_are_those_that_were_asked_for(self):
        self.assertEqual([(row.numerics, row.must) for row in table.select("cpu", ["step-r18-64-warm"], ["exact", "fast"])], [("exact", None), ("fast", 2.5)])

    def test_a_pattern_that_fits_nothing_is_a_sentence(self):
        with self.assertRaisesRegex(ValueError, r"no case matches walk-\*; the cases of this run are "):
            table.select("cuda", ["walk-*"])

    def test_quick_is_a_part(self):
        for device in ("cpu", "cuda"):
            self.assertLess(set(table.select(device, quick=True)), set(table.rows(device)))

    def test_compiled_modes_are_for_one_case_unless_asked_for(self):
        usual = modes.chosen(None, "cuda:0")
        compiled = {row.case for row in table.rows("cuda") if any(mode.compiled for mode in table.partners(row, "cuda", usual, asked=False))}
        self.assertEqual(compiled, {table.PUBLISHED})
        self.assertIn("compile-bf16", [mode.name for mode in table.partners(table.Row("step-r18-64-warm", "bfloat16", ""), "cuda", usual, asked=True)])


class Modes(unittest.TestCase):
    def test_each_is_held_against_the_numerics_of_its_precision(self):
        partners = {mode.name: numerics for numerics in ("exact", "fast", "bfloat16") for mode in table.partners(table.Row("eval-nyu3", numerics, ""), "cuda", list(modes.MODES.values()), True)}
        self.assertEqual(set(partners), set(modes.MODES))
        self.assertEqual((partners["eager-fp32"], partners["channels-last-tf32"], partners["graph-bf16"]), ("exact", "fast", "bfloat16"))

    def test_unknown_ones_and_those_of_other_devices_are_sentences(self):
        with self.assertRaisesRegex(ValueError, "the mode eager is not one of those on cuda:0: eager-fp32, "):
            modes.chosen(["eager"], "cuda:0")
        with self.assertRaisesRegex(ValueError, "the mode graph-bf16 is not one of those on cpu: eager-fp32, channels-last-fp32"):
            modes.chosen(["graph-bf16"], "cpu")
        for device in ("gpu", "cuda", "cuda:", "cuda:x", "cpu:0"):
            with self.subTest(device), self.assertRaisesRegex(ValueError, f"the device {device} is not one of cpu and cuda:N"):
                modes.family(device)


if __name__ == "__main__":
    unittest.main()
