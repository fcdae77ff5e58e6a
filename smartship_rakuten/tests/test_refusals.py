"""Rakuten's failures and refusals in words that a shop keeper reads."""

import re

from odoo.tests import TransactionCase, tagged

from odoo.addons.smartship_rakuten import rms
from odoo.addons.smartship_rakuten.models.shop import sentences
from odoo.addons.smartship_rakuten.models.shop.refusals import FAILURES, REFUSALS, refusal
from odoo.addons.smartship_rakuten.rms import (
    MEANINGS,
    Message,
    OrderOutcome,
    RequestRefused,
    RmsError,
    RowResult,
)

from .rms_fixtures import RmsMockCase
from .test_rms_fault_table import FAULTS, ORDER_READS, ORDER_WRITES

#: Words that are the same in Japanese.
NAMES = re.compile(r"WEB API|API|RMS|SKU|Odoo|serviceSecret|licenseKey|JPY|https?\S+|WEB")
#: Codes of the client's own, by class.
OWN_CODES = {
    "CredentialsRejected": ("", "missing_key"),
    "TemporarilyUnavailable": ("", "certificate", "timeout", "connection", "pace"),
    "MalformedAnswer": ("", "unreadable", "too_large", "wrong_type", "missing"),
    "RequestRefused": ("", *MEANINGS),
}


def classes(base=RmsError):
    for child in base.__subclasses__():
        yield child
        yield from classes(child)


class WordsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ja_JP")
        cls.japanese = cls.env(context={"lang": "ja_JP"})
        cls.english = cls.env(context={"lang": "en_US"})

    def assert_japanese(self, text):
        self.assertRegex(text, "[ぁ-ん]")
        self.assertNotRegex(NAMES.sub("", text), "[A-Za-z]{2}", text)


@tagged("post_install", "-at_install")
class TestRefusals(WordsCase):
    def failures(self):
        """Every class with every code and status that says something of its own."""
        for kind in classes():
            for code in OWN_CODES.get(kind.__name__, ("",)):
                yield kind(code=code)
        for status in (409, 429, 500, 503):
            yield rms.TemporarilyUnavailable(status=status)
        yield rms.TemporarilyUnavailable(maintenance=True)

    def test_every_class_and_code_in_japanese(self):
        seen = {}
        for error in self.failures():
            with self.subTest(repr(error)):
                told = refusal(self.japanese, error, shop="見本店")
                # Without a field and an operation there is nothing foreign to name.
                self.assert_japanese(told.replace("?", ""))
                seen[told.said["code"]] = str(told)
        self.assertLessEqual(set(FAILURES) - {"rms.order_unknown", "rms.failed"}, set(seen))
        self.assertLessEqual({f"rms.{code}" for code in MEANINGS}, set(seen))
        self.assertEqual(len(set(seen.values())), len(seen), "two codes with one sentence")

    def test_every_code_with_its_prefix_and_field(self):
        for code in MEANINGS:
            outcome = OrderOutcome(False, f"ORDER_EXT_API_{code}" if code[-3:].isdigit() else code)
            with self.subTest(code):
                told = refusal(self.japanese, outcome)
                self.assert_japanese(told)
                self.assertEqual(told.said, {"code": f"rms.{code}"})
        for code in ("UPDATE_ORDERMEMO_ERROR_009", "UPDATE_ORDERSHIPPING_ASYNC_ERROR_011"):
            error = RequestRefused(code=f"ORDER_EXT_API_{code}", field="shippingDate")
            told = refusal(self.japanese, error)
            self.assertIn("「shippingDate」", told)
            self.assert_japanese(told.replace("shippingDate", ""))

    def test_unknown_codes(self):
        """In Japanese, with the code and RMS's own words beside it."""
        code, words = "ORDER_EXT_API_UPDATE_ORDERMEMO_ERROR_107", "ひとことメモを更新できません。"
        for source in (
            RequestRefused(code=code, messages=[Message("ERROR", code, words)]),
            Message("ERROR", code, words),
            OrderOutcome(False, code, words),
            RowResult(1, None, False, code, words),
        ):
            with self.subTest(type(source).__name__):
                told = refusal(self.japanese, source)
                self.assertIn("UPDATE_ORDERMEMO_ERROR_107", told)
                self.assertIn(words, told)
                self.assert_japanese(told.replace("UPDATE_ORDERMEMO_ERROR_107", ""))
        # What is no name of a field is none, however RMS or a proxy calls it.
        code = "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011"
        self.assertNotIn("買主", refusal(self.japanese, RequestRefused(code=code, field="買主")))
        self.assertNotIn(
            "「買主", refusal(self.japanese, Message("ERROR", code, "買主の書式が不正です。"))
        )
        silent = refusal(self.japanese, RequestRefused())
        self.assertIn("理由は示されていません", silent)

    def test_known_codes_with_words_name_the_code(self):
        told = refusal(self.japanese, Message("ERROR", "IE0117", "quantity is out of range."))
        self.assertIn("在庫数が0～99,999の範囲を超えます。", told)
        self.assertIn("IE0117 quantity is out of range.", told)

    def test_outcome_of_one_order_unknown(self):
        told = refusal(self.japanese, OrderOutcome(False, "", known=False))
        self.assertIn("RMSで受注を確認してください", told)

    def test_words_that_no_database_holds(self):
        told = refusal(self.english, Message("ERROR", "IE0117", "a\x00b\ud800"))
        self.assertEqual(told.said["quote"], "IE0117 a\ufffdb\ufffd")

    def test_every_declared_sentence_has_its_japanese(self):
        for code, sentence in sentences._SENTENCES.items():
            if code in ("change", "guard.named"):
                # Nothing but placeholders.
                continue
            with self.subTest(code):
                text = self.japanese._(sentence)
                self.assertNotEqual(text, self.english._(sentence))
                self.assertRegex(text, "[ぁ-んァ-ヶ一-龠]")

    def test_english_says_what_to_do(self):
        verbs = (
            "again|Check|check|Open|Fill|Tick|Tell|Look|Correct|Report|Set |Choose|Keep|Enter|Add"
            "|Ask|Give|Send|Remove|Narrow|Import"
        )
        for code, sentence in {**FAILURES, **REFUSALS}.items():
            with self.subTest(code):
                self.assertRegex(self.english._(sentence), verbs)
                self.assertRegex(self.english._(sentence), r"^[A-Z].*\.$")


@tagged("post_install", "-at_install")
class TestFaultsInWords(RmsMockCase, WordsCase):
    def test_every_fault_has_a_sentence_of_its_own(self):
        """Whatever Rakuten's line does: no fault is told as one that nobody has thought of."""
        for name, (answer, _read, _write) in FAULTS.items():
            for call in (ORDER_READS["getOrder"], ORDER_WRITES["cancelOrder"]):
                self.http.reset()
                self.answer_all(**answer)
                with self.subTest(name), self.assertRaises(RmsError) as caught:
                    call(self.client(max_body_bytes=500_000))
                told = refusal(self.japanese, caught.exception, shop="見本店")
                self.assertNotEqual(told.said["code"], "rms.failed")
                self.assertRegex(told, "[ぁ-ん].*。")


@tagged("post_install", "-at_install")
class TestSentences(WordsCase):
    def test_told_again_in_another_language(self):
        said = sentences.say(self.english, "parcel.too_many", count=20)
        self.assertEqual(said, "Rakuten takes 20 parcels for one destination at most.")
        self.assertIn("20", sentences.tell(self.japanese, said.said))
        self.assert_japanese(sentences.tell(self.japanese, said.said))

    def test_details_are_told_again_as_well(self):
        reason = sentences.say(self.english, "stock.not_connected")
        told = sentences.say(self.english, "stock.orders_unread", reason=reason)
        self.assertIn("It is not connected.", told)
        self.assert_japanese(sentences.tell(self.japanese, told.said))

    def test_together(self):
        one = sentences.say(self.english, "parcel.reported", count=1)
        self.assertEqual(sentences.together(self.english, None, one, "").said, one.said)
        both = sentences.together(self.english, one, "x", by="; ")
        self.assertEqual(both, "1 parcels reported to Rakuten.; x")
        self.assertEqual(
            sentences.tell(self.japanese, both.said), "荷物1個を楽天に報告しました。; x"
        )
        self.assertFalse(sentences.together(self.english, None))

    def test_other_words_stay(self):
        self.assertEqual(
            sentences.said_by(ValueError("見本 %(x)s 100%")),
            {"code": "other", "reason": "見本 %(x)s 100%"},
        )
        self.assertEqual(
            sentences.tell(self.japanese, {"code": "other", "reason": "見本 %(x)s 100%"}),
            "見本 %(x)s 100%",
        )
        self.assertIsNone(sentences.said_by(""))

    def test_details_of_an_older_version(self):
        self.assertIn("?", sentences.tell(self.english, {"code": "parcel.too_many"}))

    def test_a_code_is_declared_once(self):
        with self.assertRaises(ValueError):
            sentences.declare_sentences({"parcel.too_many": "x"})
