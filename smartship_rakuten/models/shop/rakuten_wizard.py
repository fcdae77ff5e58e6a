from odoo import api, models


def linked_id(value):
    """The id that a request gives for a many2one, None for none; a form gives what it shows of the
    record as well."""
    return (value.get("id") if isinstance(value, dict) else value) or None


class RakutenWizard(models.AbstractModel):
    """A wizard tells nothing of records that its user may not read.

    Odoo reads related and computed fields of a form as the superuser, also of a record that was
    never saved: whoever names the id of another company's transfer would be given its address. So
    what a request links is looked at before anything is read from it.
    """

    _name = "rakuten.wizard"
    _description = "Wizard With Links"

    #: Links that the wizard changes: reading is not enough.
    _written_links = frozenset()

    @api.model
    def default_get(self, fields_list):
        vals = super().default_get(fields_list)
        self._check_links(vals)
        return vals

    def onchange(self, values, field_names, fields_spec):
        self._check_links(values)
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_links(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_links(vals)
        return super().write(vals)

    def _check_links(self, vals):
        """Look at what a request gives this wizard, and the lines in it.

        :raises AccessError: for a record that the user may not read, or write where the wizard does
        """
        if self.env.su:
            return
        for name, value in vals.items():
            field = self._fields.get(name)
            if field is None or not value:
                continue
            if field.type == "many2one":
                operation = "write" if name in self._written_links else "read"
                linked = self.env[field.comodel_name].browse(linked_id(value))
                linked.exists().check_access(operation)
            elif field.type == "one2many":
                lines = self.env[field.comodel_name]
                for command in value:
                    if isinstance(lines, RakutenWizard) and isinstance(command[-1], dict):
                        lines._check_links(command[-1])
