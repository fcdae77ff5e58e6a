"""The manual's steps lead from an Odoo without the module to the first imported order."""

import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class TestNewcomer(unittest.TestCase):
    """A process of its own with a database of its own: what is tested is the way there."""

    def test_the_manual_leads_to_the_first_order(self):
        script = ROOT / "dev" / "newcomer"
        if not script.exists():
            self.skipTest("the scripts are not beside the module")
        done = subprocess.run([script], capture_output=True, text=True, timeout=900)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("7. Import the first orders", done.stdout)
        self.assertIn("First order imported after", done.stdout)
        # And once more, without a fitting code, with a wrong key first.
        self.assertIn("does not accept the keys", done.stdout)
        self.assertIn("0 have a product", done.stdout)
        self.assertIn("6. Import its first orders", done.stdout)
