"""All that a rule may ask about a customer."""

from helpdesk.core.predicates import Fields
from helpdesk.lifecycle import fields, money, support
from helpdesk.lifecycle.facts import Facts

CATALOGUE: Fields[Facts] = Fields(fields.FIELDS, support.FIELDS, money.FIELDS)
