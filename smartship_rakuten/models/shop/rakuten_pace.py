import time

from psycopg2.errors import SerializationFailure

from odoo import fields, models
from odoo.tools import SQL

from ...rms import TemporarilyUnavailable

#: Families with a guideline of one call a second.
PACED = ("order", "inventory")
# A call that would have to wait longer than this is left to a later run.
LONGEST_WAIT = 60.0
#: Farther ahead than so many slots, or seconds, none ever was, however many workers wait and back
#: off: a clock was wrong.
FARTHEST = 600


class RakutenPace(models.Model):
    """When the next order-API call of a shop may leave: one clock for all workers.

    The row is written in a transaction of its own that ends before the waiting begins, so nobody
    ever waits for a lock. It is no field of the shop, because a committed write there would make
    the caller's own transaction fail to serialize.
    """

    _name = "rakuten.pace"
    _description = "Rakuten API Pace"
    _log_access = False

    shop_id = fields.Integer(required=True)
    family = fields.Char(required=True, help="order or inventory: the APIs are counted apart.")
    next_call = fields.Float(digits=(16, 3), help="Seconds since 1970, by the database's clock.")

    _shop_uniq = models.Constraint("UNIQUE(shop_id, family)", "A shop has one pace.")

    def _reserve(self, shop_id, family, interval):
        """Take the next free slot of a shop.

        Raw SQL because the slot must be read and moved in one statement.

        :param float interval: seconds between two calls
        :return: seconds to wait until the slot begins
        """
        query = SQL(
            """
            INSERT INTO rakuten_pace AS pace (shop_id, family, next_call)
            VALUES (
                %(shop)s,
                %(family)s,
                EXTRACT(EPOCH FROM clock_timestamp()) + %(interval)s
            )
            ON CONFLICT (shop_id, family) DO UPDATE
            SET next_call = %(interval)s + CASE
                WHEN pace.next_call > EXTRACT(EPOCH FROM clock_timestamp()) + %(farthest)s
                THEN EXTRACT(EPOCH FROM clock_timestamp())
                ELSE GREATEST(pace.next_call, EXTRACT(EPOCH FROM clock_timestamp()))
            END
            RETURNING next_call - %(interval)s - EXTRACT(EPOCH FROM clock_timestamp())
            """,
            shop=shop_id,
            family=family,
            interval=interval,
            farthest=FARTHEST * max(interval, 1),
        )
        while True:
            try:
                with self.env.registry.cursor() as cr:
                    cr.execute(query, log_exceptions=False)
                    return max(float(cr.fetchone()[0]), 0.0)
            except SerializationFailure:
                # Another worker took the slot in this instant: take the next one.
                continue


class Pacer:
    """What the RMS client asks before each call; see ``rms.pace``."""

    def __init__(self, env, shop_id, interval):
        self._pace = env["rakuten.pace"].sudo()
        self._shop_id = shop_id
        self._interval = interval

    def wait(self, family):
        """Wait for this shop's turn, see RMS API section 1.5.

        :raises TemporarilyUnavailable: the turn is so far off that a later run should take it
        """
        if family not in PACED or not self._interval:
            return
        seconds = self._pace._reserve(self._shop_id, family, self._interval)
        if seconds > LONGEST_WAIT:
            raise TemporarilyUnavailable(code="pace", retry_after=seconds)
        time.sleep(seconds)

    def back_off(self, family, seconds):
        """RMS throttles: keep all workers of this shop off this API for a while."""
        if family in PACED and self._interval:
            self._pace._reserve(self._shop_id, family, min(seconds, LONGEST_WAIT))
