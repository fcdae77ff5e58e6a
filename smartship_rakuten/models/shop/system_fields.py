from odoo import api, models
from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS


class RakutenSystemFields(models.AbstractModel):
    """What is readonly on the screen is readonly by any other way, too.

    A field of ours that is stored and readonly is what the jobs go by: only the system writes it,
    that is code which says so by ``sudo()``, and the jobs, which run as the superuser. No request
    can claim to be that, as it could by a key of the context. Creating, writing and importing all
    come this way, and it costs no query.
    """

    _name = "rakuten.system.fields"
    _description = "Fields That Only the System Writes"

    #: Guarded fields that a copy, a split or a return takes along, whoever makes it.
    _rakuten_handed_on = frozenset()

    def _check_field_access(self, field, operation):
        """Override of `base` to let nobody write what jobs rely on. Reading does not come here."""
        if operation == "write" and not self.env.su and self._is_rakuten_system_field(field):
            # The ORM asks before it creates without a record, before it writes with some.
            if self or field.name not in self._rakuten_handed_on:
                raise AccessError(
                    self.env._(
                        "%(field)s of %(document)s is written by the system only.",
                        field=field._description_string(self.env),
                        document=self.env["ir.model"]._get(self._name).name,
                    )
                )
        return super()._check_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Override of `base` to take no default but the field's own: anybody may keep one for
        himself, or put one into the context, which goes along to where the system creates."""
        defaults = super().default_get(fields)
        for field in filter(None, map(self._fields.get, fields)):
            if self._is_rakuten_system_field(field):
                defaults.pop(field.name, None)
                if field.default:
                    defaults[field.name] = field.default(self)
        return defaults

    def _is_rakuten_system_field(self, field):
        """Whether a field is ours, and only the system writes it."""
        ours = self._name.startswith("rakuten.") or field.name.startswith("rakuten_")
        return ours and field.store and field.readonly and field.name not in MAGIC_COLUMNS
