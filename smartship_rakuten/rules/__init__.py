"""Rules that turn a getOrder payload into values for Odoo: small pure functions, no Odoo import.

:mod:`.order` reads the payload (RMS API section 3), :mod:`.amounts` is its arithmetic (section 4),
:mod:`.address` its persons and addresses (sections 3.2 and 3.7).
"""
