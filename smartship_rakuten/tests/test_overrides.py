"""What overrides a method of an Odoo model says so, names the module that owns the method, and says
what for."""

import inspect

from odoo.orm.model_classes import is_model_definition
from odoo.tests import TransactionCase, tagged

ADDONS = "odoo.addons."
OURS = ADDONS + "smartship_rakuten"


def owner_of(base):
    """The Odoo module of a class; the ORM's own methods are base's."""
    return base.__module__.split(".")[2] if base.__module__.startswith(ADDONS) else "base"


@tagged("post_install", "-at_install")
class TestOverrides(TransactionCase):
    def _overrides(self):
        """(method, qualified name, modules that define it below ours)"""
        for model in self.env.registry.values():
            if model._original_module.startswith("smartship_rakuten"):
                continue
            bases = [base for base in model.mro() if is_model_definition(base)]
            for index, base in enumerate(bases):
                if not base.__module__.startswith(OURS):
                    continue
                for name, method in vars(base).items():
                    if not inspect.isfunction(method) or name.startswith("__"):
                        continue
                    owners = [
                        owner_of(lower)
                        for lower in bases[index + 1 :]
                        if name in vars(lower) and not lower.__module__.startswith(OURS)
                    ]
                    if owners:
                        yield method, f"{base.__module__}.{name}", owners

    def test_an_override_says_so(self):
        found = list(self._overrides())
        self.assertGreater(len(found), 40)
        silent = {
            f"{where} ({', '.join(dict.fromkeys(owners))})"
            for method, where, owners in found
            if not (inspect.getdoc(method) or "").startswith(
                tuple(f"Override of `{owner}` to " for owner in owners)
            )
        }
        self.assertFalse(silent, "\n" + "\n".join(sorted(silent)))
