"""What is stored is read by everybody in his own language, and one fault is one fault to all."""

import re
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.smartship_rakuten.models.orders.rakuten_order_import import CHARGE_PRODUCTS
from odoo.addons.smartship_rakuten.models.shop import sentences
from odoo.addons.smartship_rakuten.rms import Message, OutcomeUnknown, RequestRefused

from .common import RakutenCase, item, order, package
from .test_stock import A, StockCase

MISSING = "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_009"
CANCELLED = "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_102"
CRON_LOGGER = "odoo.addons.smartship_rakuten.models.shop.rakuten_shop"


class ReadersCase(RakutenCase):
    """Two shop keepers, one of whom reads English and one Japanese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ja_JP")
        cls.english, cls.japanese = (
            new_test_user(
                cls.env,
                login=f"reader_{lang}",
                groups="smartship_rakuten.group_manager,stock.group_stock_manager,"
                "sales_team.group_sale_manager",
                lang=lang,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for lang in ("en_US", "ja_JP")
        )
        cls.shop.user_id = cls.japanese

    def read_by(self, user, record):
        return record.with_user(user).with_context(lang=user.lang)

    def run_by(self, user):
        self.read_by(user, self.shop).action_export_shipments()

    def assert_readers(self, record, name, english, japanese):
        """A field says this to one reader and that to the other."""
        self.assertIn(english, self.read_by(self.english, record)[name])
        self.assertIn(japanese, self.read_by(self.japanese, record)[name])


@tagged("post_install", "-at_install")
class TestReaders(ReadersCase):
    def shipped(self, sequence=1):
        (record,) = self.import_orders(order(sequence, [package(sequence, [item()])]))
        self.ship(record.sale_order_id.picking_ids, f"4000000000{sequence:02}")
        return record

    def refuse(self, code=CANCELLED):
        error = RequestRefused(code=code)
        error.applied = False
        self.rms.failures["update_order_shipping"] = error

    def test_parcel(self):
        record = self.shipped()
        self.refuse()
        self.run_by(self.japanese)
        parcel = record.parcel_ids
        self.assertEqual(parcel.state, "failed")
        self.assertEqual(parcel.error_code, "rms.UPDATE_ORDERSHIPPING_ERROR_102")
        self.assert_readers(
            parcel, "error", "has been cancelled at Rakuten", "楽天でキャンセルされた注文"
        )
        self.assert_readers(
            parcel.picking_id,
            "rakuten_report_error",
            "has been cancelled",
            "発送完了報告はできません",
        )

    def test_search(self):
        """By whether there is an error, by its words as the reader sees them, and by its code."""
        failed = self.shipped(1).parcel_ids
        self.refuse()
        self.run_by(self.english)
        fine = self.shipped(2).parcel_ids
        self.run_by(self.english)
        self.assertEqual((failed.state, fine.state), ("failed", "reported"))
        parcels = failed | fine
        English = self.read_by(self.english, parcels)
        Japanese = self.read_by(self.japanese, parcels)
        cases = [
            (English, ("error", "!=", False), failed),
            (English, ("error", "=", False), fine),
            (English, ("error", "ilike", "CANCELLED at"), failed),
            (Japanese, ("error", "ilike", "cancelled at"), parcels.browse()),
            (Japanese, ("error", "ilike", "キャンセル"), failed),
            (Japanese, ("error", "not ilike", "キャンセル"), fine),
            (English, ("error", "=", self.read_by(self.english, failed).error), failed),
            (English, ("error", "not in", [failed.error]), fine),
        ]
        for model, condition, expected in cases:
            with self.subTest(condition):
                found = model.search([condition, ("id", "in", parcels.ids)])
                self.assertEqual(found, expected.with_env(model.env))
        groups = self.env["rakuten.parcel"]._read_group(
            [("id", "in", parcels.ids)], ["error_code"], ["__count"]
        )
        self.assertEqual(dict(groups), {"rms.UPDATE_ORDERSHIPPING_ERROR_102": 1, False: 1})

    def test_one_fault_is_one_activity(self):
        """Whoever's run meets it; in the language of whom it is for."""
        record = self.shipped()
        for user in (self.english, self.japanese, self.english):
            self.refuse()
            self.run_by(user)
            self.assertEqual(record.parcel_ids.state, "failed")
            record.parcel_ids.action_retry()
        self.assertEqual(len(record.activity_ids), 1)
        self.assertEqual(record.activity_ids.user_id, self.japanese)
        self.assertIn("発送完了報告はできません", record.activity_ids.summary)
        # Another fault is another activity.
        self.refuse(MISSING)
        self.run_by(self.english)
        self.assertEqual(len(record.activity_ids), 2)

    def test_one_refusal_of_odoo_s_is_one_activity(self):
        """Whose words, which Odoo told in the language of the run, are no part of the fault."""
        words = {"en_US": "It is billed.", "ja_JP": "請求済みです。"}

        def refuse(records):
            raise UserError(words[records.env.lang])

        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        for model, method, cancel, code, english, japanese in (
            (
                type(sale_order),
                "_action_cancel",
                "_cancel_in_odoo",
                "order.sale_not_cancelled",
                "cannot cancel the sale order",
                "販売オーダ",
            ),
            (
                type(sale_order.picking_ids),
                "action_cancel",
                "_cancel_open_transfers",
                "order.transfers_not_cancelled",
                "cannot cancel what has not left",
                "未出荷分の転送",
            ),
        ):
            with self.subTest(code), patch.object(model, method, refuse):
                record.activity_ids.unlink()
                for user in (self.japanese, self.english, self.japanese):
                    getattr(self.read_by(user, record), cancel)()
                activity = record.activity_ids
                self.assertEqual(activity.mapped("rakuten_reason_code"), [code])
                self.assertIn("請求済みです。", activity.summary)
                for lang, frame in (("en_US", english), ("ja_JP", japanese)):
                    said = activity._rakuten_said()
                    text = sentences.tell(self.env(context={"lang": lang}), said)
                    self.assertIn("請求済みです。", text)
                    self.assertIn(frame, text)

    def test_what_makes_two_texts_the_same(self):
        def other(reason):
            return {"code": "other", "reason": reason}

        same = [
            ({"code": "a", "quote": "x"}, {"code": "a", "quote": "y"}),
            ({"code": "a", "quote": "x"}, {"code": "a"}),
            ({"code": "a", "reason": other("x")}, {"code": "a", "reason": other("y")}),
            (
                {"code": "a", "parts": [{"code": "b", "quote": "x"}]},
                {"code": "a", "parts": [{"code": "b", "quote": "y"}]},
            ),
        ]
        different = [
            ({"code": "a"}, {"code": "b"}),
            ({"code": "a", "count": 1}, {"code": "a", "count": 2}),
            ({"code": "a", "reason": {"code": "b"}}, {"code": "a", "reason": {"code": "c"}}),
            ({"code": "a", "parts": [{"code": "b"}]}, {"code": "a", "parts": [{"code": "c"}]}),
            # Nothing but the words says what it is.
            (other("x"), other("y")),
            ({"code": "a"}, None),
        ]
        for one, two in same:
            self.assertEqual(sentences.identity(one), sentences.identity(two))
        for one, two in different:
            self.assertNotEqual(sentences.identity(one), sentences.identity(two))

    def test_reported_at_last(self):
        """What was told of a parcel is over with it, whatever it was, and nothing else is."""
        packages = [package(1, [item("1")]), package(2, [item("2", "CODE-B")])]
        first, second = self.import_orders(
            order(1, packages, total=2200), order(2, [package(3, [item()])])
        )
        self.ship(first.sale_order_id.picking_ids, "400000000001", "400000000002")
        self.ship(second.sale_order_id.picking_ids, "400000000003")
        one, other = first.parcel_ids
        cancelled, missing, billed = (
            sentences.say(self.env, code, **details)
            for code, details in (
                ("rms.UPDATE_ORDERSHIPPING_ERROR_102", {}),
                ("rms.missing_value", {}),
                ("order.billed_then_cancelled", {"invoices": "INV/1"}),
            )
        )
        first._warn(billed)
        first._warn("見本")
        first.activity_schedule(
            "mail.mail_activity_data_warning", user_id=self.english.id, summary="見本"
        )
        mine = first.activity_ids
        self.assertEqual(len(mine), 3)
        one._fail(cancelled)
        one._fail("見本の言葉")
        one._fail(missing)
        other._fail(missing)
        second.parcel_ids._fail(missing)
        self.assertEqual(
            (first.activity_ids - mine).mapped("rakuten_reason_code"),
            [cancelled.said["code"], "other", missing.said["code"]],
        )
        one.action_retry()
        self.run_by(self.japanese)
        self.assertEqual((one.state, other.state), ("reported", "failed"))
        # The other one has it still; of words without a code only the last are remembered.
        left = first.activity_ids - mine
        self.assertEqual(left.mapped("rakuten_reason_code"), ["other", missing.said["code"]])
        other._fail("見本の言葉")
        other.action_retry()
        self.run_by(self.english)
        self.assertEqual((one | other).mapped("state"), ["reported", "reported"])
        self.assertEqual(first.activity_ids, mine)
        self.assertFalse(any(first.parcel_ids.mapped("warned")))
        self.assertEqual(second.activity_ids.mapped("rakuten_reason_code"), [missing.said["code"]])

    def test_it_is_closed_by_whoever_sees_that_it_is_over(self):
        for first, second in (
            (self.english, self.japanese),
            (self.japanese, self.english),
        ):
            record = self.shipped(10 + first.id)
            self.rms.orders[record.name]["orderProgress"] = 800
            for user in (first, second, first):
                self.run_by(user)
                self.assertEqual(len(record.activity_ids), 1)
            # Somebody has made a note of it.
            record.activity_ids.summary = "見本: 電話する"
            self.rms.orders[record.name]["orderProgress"] = 300
            self.run_by(second)
            self.assertEqual(record.parcel_ids.state, "reported")
            self.assertFalse(record.activity_ids)

    def test_other_activities_stay(self):
        record = self.shipped()
        mine = record.activity_schedule(
            "mail.mail_activity_data_warning", user_id=self.english.id, summary="見本"
        )
        self.rms.orders[record.name]["orderProgress"] = 800
        self.run_by(self.english)
        self.rms.orders[record.name]["orderProgress"] = 300
        self.run_by(self.english)
        self.assertEqual(record.activity_ids, mine)

    def test_change_after_the_import(self):
        (record,) = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        picking.printed = True
        self.rms.put(order(1, [package(7001, [item(units=3)])], total=3300))
        self.shop.with_user(self.japanese).with_context(lang="ja_JP")._run("refresh")
        self.assert_readers(record, "changed", "quantity of 見本商品1: 1 → 3", "見本商品1")
        self.assertNotIn("quantity", self.read_by(self.japanese, record).changed)
        self.assert_readers(picking, "rakuten_hold_reason", "changed after the import", "1 → 3")
        self.assertTrue(picking.rakuten_held)
        found = self.Order.search([("changed", "!=", False), ("shop_id", "=", self.shop.id)])
        self.assertEqual(found, record)
        record.action_release()
        self.assertFalse(record.changed)
        self.assertFalse(picking.rakuten_held)

    def test_charge_that_changed(self):
        """Each reads what it is for in his own language."""
        (record,) = self.import_orders(order(1))
        record.sale_order_id.picking_ids.printed = True
        self.rms.put(order(1, [package(7001, [item()], postage=550)], total=1650))
        self.shop.with_user(self.japanese).with_context(lang="ja_JP")._run("refresh")
        self.assert_readers(record, "changed", "charge (Rakuten Postage): 0 → 550", "楽天 送料")
        self.assertNotIn("Postage", self.read_by(self.japanese, record).changed)
        self.assertNotIn("送料", self.read_by(self.english, record).changed)

    def test_charges_have_their_words(self):
        """As the products are called, whatever they are called in a database by now."""
        for kind, xmlid in CHARGE_PRODUCTS.items():
            for lang in ("en_US", "ja_JP"):
                env = self.env(context={"lang": lang})
                self.assertEqual(
                    sentences.say(env, f"charge.{kind}"), env.ref(xmlid).name, (kind, lang)
                )

    @mute_logger(CRON_LOGGER)
    def test_job(self):
        self.rms.failures["search_order"] = OutcomeUnknown()
        self.read_by(self.japanese, self.env["rakuten.shop"])._cron_run("import")
        job = self.shop.job_ids.filtered(lambda row: row.job == "import")
        self.assert_readers(job, "error", "It is not known", "再送する前に")
        self.shop.with_context(lang="ja_JP").action_import_orders()
        self.assert_readers(job, "sentence", "0 imported", "取り込みました")

    def test_connection(self):
        self.read_by(self.japanese, self.shop).action_test_connection()
        self.assert_readers(self.shop, "connection_message", "Connected: Rakuten accepts", "接続")
        found = self.env["rakuten.shop"].search([("connection_message", "ilike", "Connected:")])
        self.assertIn(self.shop, found)

    def test_confirmation_that_rakuten_refuses(self):
        (record,) = self.import_orders(order(1, progress=100))
        reason = sentences.say(self.env, "rms.CONFIRM_ORDER_ERROR_105")
        told = sentences.say(self.env, "order.not_confirmed", reason=reason)
        record.problem_details = {"reason": told.said}
        self.assert_readers(record, "problem", "mostly the postage", "送料などの金額")
        # As an older version has written it.
        record.problem_details = {"reason": "見本"}
        self.assertEqual(record.problem, "見本")


@tagged("post_install", "-at_install")
class TestStockReaders(StockCase, ReadersCase):
    def test_stock(self):
        self.rms.refused["item-1"] = Message(
            "ERROR", "IE0002", "variantId has an invalid value.", property_path="inventories[0]"
        )
        self.add_stock(self.product_a, 10)
        self.read_by(self.english, self.shop).action_sync_inventory()
        self.assertEqual(self.sku_a.stock_error_code, "stock.refused")
        for record, name in (
            (self.sku_a, "stock_error"),
            (self.sku_a, "stock_reason"),
            (
                self.env["rakuten.stock.push"].search([("sku_id", "=", self.sku_a.id)], limit=1),
                "message",
            ),
        ):
            self.assert_readers(
                record, name, "Rakuten refused this SKU's stock", "受け付けませんでした"
            )
            self.assert_readers(record, name, "IE0002 variantId has", "IE0002 variantId has")
        found = self.env["rakuten.sku"].search([("stock_error", "!=", False)])
        self.assertEqual(found, self.sku_a)
        self.assertNotIn(A, self.rms.stock)


@tagged("post_install", "-at_install")
class TestUpgrade(ReadersCase):
    def test_texts_of_before_stay_readable(self):
        """Sentences of ours get their code, in whichever language they stand; the rest stays."""
        (first,) = self.import_orders(order(1))
        (second,) = self.import_orders(order(2, [package(7002, [item()])]))
        self.ship(first.sale_order_id.picking_ids, "400000000001")
        self.ship(second.sale_order_id.picking_ids, "400000000002")
        (held,) = self.import_orders(order(3, [package(7003, [item()])]))
        parcels = first.parcel_ids | second.parcel_ids
        ours = sentences.say(self.env(context={"lang": "ja_JP"}), "parcel.cancelling")
        activity = first.activity_schedule(
            "mail.mail_activity_data_warning", user_id=self.english.id, summary=str(ours)
        )
        self.env.flush_all()
        cr = self.env.cr
        folder = Path(sentences.__file__).parents[2] / "migrations" / "19.0.1.2.0"
        pre, end = (
            load_script(str(folder / f"{name}-texts.py"), f"test_{name}_texts")
            for name in ("pre", "end")
        )
        for table, name in pre.TEXTS:
            table, name, code, details = map(
                SQL.identifier, (table, name, f"{name}_code", f"{name}_details")
            )
            cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s, DROP COLUMN %s", table, code, details))
            cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s varchar", table, name))
        cr.execute("ALTER TABLE rakuten_parcel ALTER COLUMN warned TYPE varchar")
        cr.execute(
            "UPDATE rakuten_parcel SET error = %s, warned = %s WHERE id = %s",
            (str(ours), str(ours), parcels[0].id),
        )
        cr.execute(
            "UPDATE rakuten_parcel SET error = 'x 100%%', warned = 'x' WHERE id = %s",
            (parcels[1].id,),
        )
        cr.execute("UPDATE rakuten_order SET changed = '数量: 1 → 3' WHERE id = %s", (held.id,))
        pre.migrate(cr, "19.0.1.1.0")
        # A second time does no harm.
        pre.migrate(cr, "19.0.1.1.0")
        self.env.invalidate_all()
        end.migrate(cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assert_readers(parcels[0], "error", "A cancellation waits", "キャンセル確定待ちですが")
        self.assertEqual(parcels[0].warned, {"code": "parcel.cancelling"})
        self.assertEqual(activity.rakuten_reason_code, "parcel.cancelling")
        self.assertEqual((parcels[1].error, parcels[1].error_code), ("x 100%", "other"))
        self.assertEqual(parcels[1].warned, {"code": "other", "reason": "x"})
        self.assertEqual(held.changed, "数量: 1 → 3")
        self.assertFalse(first.changed)

    def test_every_sentence_is_recognised(self):
        """In both languages, with its details, also beside another."""
        path = Path(sentences.__file__).parents[2] / "migrations" / "19.0.1.2.0" / "end-texts.py"
        script = load_script(str(path), "test_end_texts")
        reader = script.Reader(self.env)
        samples = {"count": 3, "reason": {"code": "other", "reason": "見本"}}
        checked = set()
        for user in (self.english, self.japanese):
            env = self.env(context={"lang": user.lang})
            texts = sentences.templates(env)
            for code, template in texts.items():
                if code.startswith(script.PARTS):
                    continue
                names = re.findall(r"%\((\w+)\)s", template)
                details = {name: samples.get(name, "見本") for name in names}
                if "difference" in names:
                    details["difference"] = samples["reason"]
                said = {"code": code, **details}
                text = str(sentences.tell(env, said))
                with self.subTest(text):
                    found = reader.read(text)
                    same = {other for other in texts if texts[other] == template}
                    self.assertIn(found["code"], same)
                    self.assertEqual({**found, "code": code}, said)
                checked.add(code)
            one, other = {"code": "stock.sent", "count": 3}, {"code": "stock.not_connected"}
            both = sentences.together(
                env, sentences.tell(env, one), sentences.tell(env, other), sentences.tell(env, one)
            )
            self.assertEqual(
                reader.read(str(both)), {"code": "together", "parts": [one, other, one], "by": " "}
            )
        self.assertGreater(len(checked), 90)
        for text in (
            "見本",
            "x 100%",
            "a: b → c",
            "Stock of many SKUs sent to Rakuten.",
            "Connected",
        ):
            self.assertIsNone(reader.read(text))
