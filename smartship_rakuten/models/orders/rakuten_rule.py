import ast
import logging
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ...rules.conditions import fold
from ..shop.log_mask import describe
from ..shop.rakuten_guard import CONFLICTS

_logger = logging.getLogger(__name__)

#: Conditions that hold folded texts: what is looked for is folded as well, and taken to the letter.
FOLDED = {"remarks", "persons", "addresses"}
#: The models that a condition may look into.
GOODS = {"product.product", "product.category"}
#: A rule is tried on so many orders.
TRIED = 100
#: Operators whose value is a domain of another model.
_ANY = ("any", "not any", "any!", "not any!")
_LIKE = {"ilike": "like", "not ilike": "not like"}


class RakutenRule(models.Model):
    """What a shop does with some of its orders: if an order is like this, then that.

    Rules apply in their sequence. Of what can be done once only, the first that decides counts.
    """

    _name = "rakuten.rule"
    _description = "Rakuten Rule"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "shop_id, sequence, id"

    shop_id = fields.Many2one(
        "rakuten.shop",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["rakuten.shop"].search([], limit=1),
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("trial", "On Trial"), ("on", "On")],
        default="trial",
        required=True,
        help="On trial a rule does nothing; try it on past orders before it is switched on.",
    )
    name = fields.Char(string="Reason", required=True, help="Shown to whoever meets the rule.")
    domain = fields.Char(
        string="Orders",
        required=True,
        default="[]",
        groups="smartship_rakuten.group_user",
        help="The orders that the rule applies to: by what is in the order itself, by its products "
        "and their categories.",
    )
    problem = fields.Char(
        compute="_compute_problem",
        compute_sudo=True,
        help="Why the rule cannot be applied any more. What it would decide waits for a person.",
    )
    actions = fields.Char(string="Then", compute="_compute_actions", compute_sudo=True)
    # === ACTIONS === #
    confirm = fields.Selection(
        [("hold", "Leave to a person"), ("confirm", "Confirm by itself")],
        string="Confirmation (注文確認)",
        help="Whether automatic confirmation confirms an order. Confirming by itself overrides the "
        "rules below, but never what is held for safety.",
    )
    cooling_off = fields.Integer(
        string="Cooling-Off (Minutes)",
        help="Automatic confirmation waits so long after the purchase. Buyers can cancel by "
        "themselves for about 30 minutes, as long as it is not confirmed.",
    )
    tag_ids = fields.Many2many("crm.tag", string="Tags", help="Of the sale order.")
    carrier_id = fields.Many2one(
        "delivery.carrier",
        check_company=True,
        help="Instead of the one that the shop would choose.",
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse", check_company=True, help="Instead of the shop's."
    )

    _cooling_off_positive = models.Constraint(
        "CHECK(cooling_off >= 0)", "The cooling-off time cannot be negative."
    )

    # === COMPUTE === #

    @api.depends("domain")
    @api.depends_context("lang")
    def _compute_problem(self):
        for rule in self:
            rule.problem = rule._find_problem()

    @api.depends_context("lang")
    @api.depends(lambda self: self._action_fields())
    def _compute_actions(self):
        for rule in self:
            rule.actions = "; ".join(rule._action_sentences())

    # === CONSTRAINTS === #

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self.sudo():
            problem = rule._find_problem()
            if problem:
                raise ValidationError(problem)

    @api.constrains(lambda self: self._action_fields())
    def _check_actions(self):
        for rule in self:
            if not rule._action_sentences():
                raise ValidationError(
                    self.env._("The rule %(rule)s does nothing: choose an action.", rule=rule.name)
                )

    # === OVERRIDES === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to look at what is open again."""
        rules = super().create(vals_list)
        # What no action was given for was not checked.
        rules._check_actions()
        rules.shop_id._apply_rules()
        return rules

    def write(self, vals):
        """Override of `base` to look at what is open again."""
        shops = self.shop_id
        result = super().write(vals)
        (shops | self.shop_id)._apply_rules()
        return result

    def unlink(self):
        """Override of `base` to look at what is open again."""
        shops = self.shop_id
        result = super().unlink()
        shops._apply_rules()
        return result

    # === ACTIONS === #

    def action_switch_on(self):
        self.write({"state": "on"})

    def action_put_on_trial(self):
        self.write({"state": "trial"})

    def action_try(self):
        """Show which of the shop's last hundred orders the rule applies to, and what it would do.
        Nothing is written but what is shown."""
        self.ensure_one()
        orders = self._orders_to_try()
        found = self._filter(orders)
        trial = self.env["rakuten.rule.trial"].create(
            {
                "rule_id": self.id,
                "tried": len(orders),
                "line_ids": [
                    Command.create({"order_id": order.id, "actions": text})
                    for order, text in self._tried_actions(found).items()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tried: %(rule)s", rule=self.name),
            "res_model": "rakuten.rule.trial",
            "res_id": trial.id,
            "view_mode": "form",
            "target": "new",
        }

    # === BUSINESS METHODS - What a rule is === #

    @api.model
    def _action_fields(self):
        """Names of the fields that say what a rule does; rooms above know more."""
        return ["confirm", "cooling_off", "tag_ids", "carrier_id", "warehouse_id"]

    @api.model
    def _shipping_fields(self):
        """Names of those that say how the goods leave: if the rule cannot be applied any more, they
        must not leave otherwise."""
        return ["carrier_id", "warehouse_id"]

    def _action_sentences(self):
        """What the rule does, in the reader's words.

        :return: list of texts
        """
        self.ensure_one()
        texts = []
        if self.confirm == "hold":
            texts.append(self.env._("leave the confirmation to a person"))
        elif self.confirm:
            texts.append(self.env._("confirm by itself"))
        if self.cooling_off:
            texts.append(
                self.env._("confirm %(minutes)s minutes after the order", minutes=self.cooling_off)
            )
        if self.tag_ids:
            tags = ", ".join(self.tag_ids.mapped("display_name"))
            texts.append(self.env._("tag: %(tags)s", tags=tags))
        if self.carrier_id:
            texts.append(self.env._("carrier: %(carrier)s", carrier=self.carrier_id.display_name))
        if self.warehouse_id:
            texts.append(
                self.env._("warehouse: %(warehouse)s", warehouse=self.warehouse_id.display_name)
            )
        return texts

    def _parse(self):
        """:raises ValueError: for what is no domain
        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        try:
            return Domain(ast.literal_eval(self.domain or "[]"))
        except Exception as error:
            # Whatever somebody has written there.
            raise ValueError(self.domain) from error

    def _names(self):
        """:return: set of the fields of ``rakuten.order`` that these rules look at"""
        names = set()
        for rule in self.sudo():
            try:
                conditions = list(rule._parse().iter_conditions())
            except ValueError:
                continue
            names |= {condition.field_expr.split(".")[0] for condition in conditions}
        return names

    def _find_problem(self):
        """Why the rule cannot be applied: a sentence, False when it can."""
        self.ensure_one()
        unusable = self.env._(
            "The condition of the rule %(rule)s cannot be used. Choose it anew.", rule=self.name
        )
        Order = self.env["rakuten.order"]
        try:
            domain = self._parse()
            problem = self._find_foreign(Order, domain)
            if not problem:
                domain = self._with_values_folded(domain)
                domain.validate(Order)
                Order.new({}).filtered_domain(domain)
        except CONFLICTS:
            raise
        except Exception:
            # Whatever Odoo does not understand in it.
            return unusable
        return problem or False

    def _find_foreign(self, model, domain):
        """A sentence about what in a domain is no condition of its own, None where all is."""
        for condition in domain.iter_conditions():
            names, place = condition.field_expr.split("."), model
            for position, name in enumerate(names):
                field = place._fields.get(name)
                if field is None or not field.store and not field.inherited:
                    return self.env._(
                        "The rule %(rule)s asks for %(field)s, which is not stored with the order.",
                        rule=self.name,
                        field=condition.field_expr,
                    )
                leaves = position < len(names) - 1 or condition.operator in _ANY
                if leaves and field.comodel_name not in GOODS:
                    return self.env._(
                        "The rule %(rule)s looks into %(field)s: besides the order itself, rules "
                        "look at products and their categories only.",
                        rule=self.name,
                        field=field._description_string(self.env),
                    )
                place = self.env[field.comodel_name] if field.relational else place
            if condition.operator in _ANY:
                problem = self._find_foreign(place, Domain(condition.value))
                if problem:
                    return problem
        return None

    @api.model
    def _with_values_folded(self, domain):
        """A domain that finds words in folded texts, to the letter."""

        def map_one(condition):
            name, operator, value = condition.field_expr, condition.operator, condition.value
            if name not in FOLDED:
                return condition
            if isinstance(value, str):
                value = fold(value)
                if operator in ("like", "ilike", "not like", "not ilike"):
                    value = re.sub(r"([\\%_])", r"\\\1", value)
            elif not isinstance(value, bool):
                value = [fold(text) if isinstance(text, str) else text for text in value]
            return Domain(name, _LIKE.get(operator, operator), value)

        return domain.map_conditions(map_one)

    # === BUSINESS METHODS - Applying rules === #

    def _filter(self, orders):
        """Those of orders that the rule applies to; all of them when that cannot be told any more,
        because what it would decide waits for a person.

        :param orders: rakuten.order, stored or new
        """
        return self._applying(orders)[0]

    def _applying(self, orders):
        """:return: (as of :meth:`_filter`, whether it cannot be told)"""
        self.ensure_one()
        try:
            with self.env.cr.savepoint(flush=False):
                return orders.filtered_domain(self._with_values_folded(self._parse())), False
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.warning("Rakuten rule %s cannot be applied: %s", self.id, describe(error))
            return orders, True

    def _applied(self, orders):
        """Which of these rules apply to orders: a look at all orders for each rule.

        :param orders: rakuten.order, stored or new
        :return: (dict of each order to its rules in their sequence, rules that cannot be applied
            any more: they stand at all orders)
        """
        found, broken = dict.fromkeys(orders, self.browse()), self.browse()
        for rule in self.sudo():
            matching, fails = rule._applying(orders)
            broken |= rule if fails else self.browse()
            for order in matching:
                found[order] |= rule
        return found, broken

    def _saying(self, *names):
        """Those of these rules that say something by one of these fields."""
        return self.filtered(lambda rule: any(rule[name] for name in names))

    def _first(self, name):
        """What the first of these rules that says something says.

        :param str name: of an action's field
        """
        return next((rule[name] for rule in self if rule[name]), self.browse()[name])

    def _holding_confirmation(self, broken):
        """Those of these rules, which apply to an order, that leave its confirmation to a person.

        :param broken: those that cannot be applied any more
        """
        held = self.browse()
        for rule in self:
            if rule.confirm == "hold" or (rule in broken and (rule.confirm or rule.cooling_off)):
                held |= rule
            elif rule.confirm:
                break
        return held

    def _sale_order_vals(self):
        """What these rules, which apply to an order, put into its sale order."""
        vals = {}
        if self.tag_ids:
            vals["tag_ids"] = [Command.set(self.tag_ids.ids)]
        for name in ("carrier_id", "warehouse_id"):
            if first := self._first(name):
                vals[name] = first.id
        return vals

    def _orders_to_try(self):
        return self.env["rakuten.order"].search(
            [("shop_id", "=", self.shop_id.id)], order="order_date desc, id desc", limit=TRIED
        )

    def _tried_actions(self, orders):
        """What the rule would do with orders, and which rule before it has decided already.

        :return: dict of order to a sentence
        """
        before = self.shop_id._rules().filtered(
            lambda rule: (rule.sequence, rule.id) < (self.sequence, self.id)
        )
        applied, _broken = before._applied(orders)
        texts = {}
        for order in orders:
            earlier = {
                rule.name
                for name in self._first_fields()
                for rule in applied[order].filtered(name)[:1]
                if self[name]
            }
            texts[order] = self.actions
            if earlier:
                texts[order] = self.env._(
                    "%(actions)s (decided before by: %(rules)s)",
                    actions=self.actions,
                    rules=", ".join(sorted(earlier)),
                )
        return texts

    @api.model
    def _first_fields(self):
        """Names of the actions of which the first that decides counts."""
        return ["confirm", "cooling_off", "carrier_id", "warehouse_id"]
