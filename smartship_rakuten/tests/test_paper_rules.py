"""How lists are parted over sheets: pure rules."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.smartship_rakuten.rules.paper import Sheet, pages

#: Three rows of one line on the first sheet, five on each other; ten letters a line.
SHEET = Sheet(first=30, following=50, row=10, line=5, columns=(10, 10, 4))


@tagged("post_install", "-at_install")
class TestPaper(TransactionCase):
    def parts(self, *texts):
        return [len(part) for part in pages([(text, text) for text in texts], SHEET)]

    def test_short_rows(self):
        row = ("商品", "", "棚")
        for count, expected in ((0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (9, [3, 5, 1])):
            with self.subTest(count=count):
                self.assertEqual(self.parts(*[row] * count), expected)

    def test_long_rows(self):
        for texts, expected in (
            # 20 full-width letters are two lines, 20 half-width ones are one.
            (("あ" * 20, "", ""), [2, 1]),
            (("a" * 20, "", ""), [3]),
            # Options stand below the name, the shelf beside both.
            (("あ", "色:赤\n寸:大", ""), [1, 2]),
            (("あ", "色:赤", "棚" * 8), [2, 1]),
        ):
            with self.subTest(texts=texts):
                self.assertEqual(self.parts(*[texts] * 3), expected)

    def test_row_that_fits_nowhere(self):
        """It has a sheet to itself, and nothing is lost."""
        huge = ("あ" * 1000, "", "")
        self.assertEqual(self.parts(huge, huge, ("商品", "", "")), [1, 1, 1])
