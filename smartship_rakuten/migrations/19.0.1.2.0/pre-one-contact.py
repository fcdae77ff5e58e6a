"""A returning buyer has one contact in a company from 19.0.1.2.0 on, and a unique index holds it.

Where two processes have made two, the first one is found from now on; the other stays with the
orders that it has. Raw SQL, because the index is there before the ORM could be asked.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE res_partner AS double SET rakuten_identity = NULL
        FROM res_partner AS first
        WHERE first.rakuten_identity = double.rakuten_identity
            AND first.company_id = double.company_id
            AND first.id < double.id
        """
    )
    # The unique one serves the search as well.
    cr.execute("DROP INDEX IF EXISTS res_partner__rakuten_identity_index")
