"""What each figure means, in one place: its name, its definition, and the version of that definition.

Pages show them beside the figure. Whoever changes what a measure counts changes its text and raises its
version, so that figures of different definitions are never compared unawares.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from helpdesk.measures.acquiring import Proof


@dataclass(frozen=True, slots=True)
class Definition:
    """A measure's name and meaning in the reader's language; versions count from 1."""

    name: LazyString
    text: LazyString
    version: int = 1


KEEPING = {
    "retention": Definition(
        _("Customer retention rate (CRR)"),
        _(
            "Customers active at the start and still active at the end / customers active at the start. "
            "Customers who joined in between are not counted. "
            "Those who left and came back in between count as kept; a pause is not an end."
        ),
    ),
    "churn": Definition(
        _("Customer churn rate"),
        _(
            "1 − retention rate, over the same customers. "
            "A yearly rate is 1 − (1 − monthly rate)¹², not twelve times the monthly rate."
        ),
    ),
    "survival": Definition(
        _("Survival curve"),
        _(
            "The share of customers who stay longer than a given time (Kaplan–Meier). "
            "Customers who are still here count for as long as they have been observed."
        ),
    ),
    "repeat_naive": Definition(
        _("Repeat purchase rate (simple)"),
        _(
            "Customers who bought on two days or more in the period / customers who bought in it. "
            "Orders of the same day are one purchase; cancelled and refunded orders are left out."
        ),
    ),
    "repeat_fair": Definition(
        _("Repeat purchase rate (equal time)"),
        _(
            "The share who bought again within a fixed number of days after their first purchase, "
            "among customers whose first purchase is at least that many days ago."
        ),
    ),
}

MONEY = {
    "revenue_churn": Definition(
        _("Gross revenue churn"),
        _(
            "Monthly revenue lost by contracts that ended or shrank / monthly revenue at the start. "
            "Yearly contracts count at a twelfth of their price; one-off charges are left out."
        ),
    ),
    "gross_retention": Definition(
        _("Gross revenue retention (GRR)"),
        _("1 − gross revenue churn. It never exceeds 100%; new customers and expansions are left out."),
    ),
    "net_retention": Definition(
        _("Net revenue retention (NRR)"),
        _(
            "Monthly revenue at the end / monthly revenue at the start, "
            "both of the customers who paid at the start. Expansions count, new customers do not."
        ),
    ),
    "order_value": Definition(
        _("Average order value (AOV)"),
        _(
            "Net sales / orders in the period, after discounts and before points. "
            "Partial refunds are deducted in the month chosen in the settings; "
            "orders refunded in full are left out. The median is shown beside it."
        ),
    ),
    "value_plain": Definition(
        _("Customer lifetime value (CLV)"),
        _(
            "Average purchase value × purchases per period × number of periods. "
            "The average is over customers who bought in the last twelve months; how long customers stay "
            "is read from the survival curve as far as the data reach."
        ),
    ),
    "value_margin": Definition(
        _("Customer lifetime value (gross margin)"),
        _("Customer lifetime value × gross margin. Compare costs with this figure."),
    ),
    "value_contract": Definition(
        _("Contract value (constant churn)"),
        _(
            "Monthly revenue per customer × gross margin / monthly churn. "
            "It assumes that the same churn goes on for ever."
        ),
    ),
    "value_bounded": Definition(
        _("Contract value (bounded)"),
        _(
            "The sum over a fixed number of months of monthly revenue × gross margin × "
            "the share of customers still here, each month discounted to its present value."
        ),
    ),
    "value_expected": Definition(
        _("Expected customer value"),
        _(
            "Purchases expected in the coming weeks × expected value of a purchase × gross margin "
            "(BG/NBD and Gamma–Gamma models). Shown together with the model's error over the past; "
            "not calculated under 100 customers or 20 repeat buyers."
        ),
    ),
    "alive": Definition(
        _("Probability of still being a customer"),
        _(
            "How likely it is that a customer without a contract still buys, "
            "from how often and when the last purchase was made (BG/NBD model). "
            "It is 100% by construction until the first repeat purchase."
        ),
    ),
    "acquisition_cost": Definition(
        _("Customer acquisition cost (CAC)"),
        _(
            "All cost of winning customers (advertising, people, systems, other) / customers who first paid. "
            "Where a lag is set, the cost of a month is set against the new customers of a later month."
        ),
    ),
    "value_to_cost": Definition(
        _("CLV : CAC"),
        _(
            "Customer lifetime value / acquisition cost, "
            "once with sales and once with gross margin. Judge by the one with gross margin."
        ),
    ),
    "payback": Definition(
        _("Payback period"),
        _("Acquisition cost / monthly gross margin of a customer, in months."),
    ),
    "return": Definition(
        _("Return on investment (ROI)"),
        _(
            "(Gain − cost) / cost. With a comparison group only what exceeds its result counts as gain; "
            "without one the figure is an estimate."
        ),
    ),
}

CONVERSION = {
    "trial_conversion": Definition(
        _("Trial conversion rate"),
        _(
            "Trials that became paid before their end / trials whose end has come. "
            "Running trials are not counted; extended trials end at their extended date."
        ),
    ),
    "win_rate": Definition(
        _("Win rate"),
        _("Won / (won + lost), by the date of the decision. Open deals are counted separately."),
    ),
    "time_to_purchase": Definition(
        _("Time to purchase"),
        _(
            "Days from first contact to first payment (median, Kaplan–Meier). "
            "People who have not bought yet count for as long as they have been waiting."
        ),
    ),
    "time_to_value": Definition(
        _("Time to first value"),
        _(
            "Days from the start of the contract or trial until the customer first reaches "
            "the product's value (median, Kaplan–Meier). Customers who have not reached it yet count as well."
        ),
    ),
    "upsell_rate": Definition(
        _("Upsell rate"),
        _(
            "The share of customers active for at least 30 days at the start of the period who took a larger "
            "plan, more seats or an addition in it. A suggestion is credited only if it was presented to the "
            "customer at most 30 days before."
        ),
    ),
    "cross_sell_rate": Definition(
        _("Cross-sell rate"),
        _(
            "The share of customers active for at least 30 days at the start of the period "
            "who bought from another category for the first time in it."
        ),
    ),
}

STAGES = {
    "dwell": Definition(
        _("Time on the stage"),
        _(
            "Days spent on the stage in all, several stays added up; the current stay is shown beside it. "
            "The median of a stay takes current stays as far as they have come (Kaplan–Meier)."
        ),
    ),
    "transitions": Definition(
        _("Moves between stages"),
        _(
            "Of the stays that ended by a move in the period, the share that went to each other stage. "
            "Customers who are still on the stage are not counted."
        ),
    ),
    "funnel": Definition(
        _("Reached within the time limit"),
        _(
            "Of the customers who began on the first stage in the period, "
            "the share who reached a later stage within the time limit. "
            "Only customers who began at least that long ago are counted."
        ),
    ),
    "flow": Definition(
        _("Balance of moves"),
        _("Customers who entered the stage less customers who left it, by month."),
    ),
}

DEFINITIONS: Mapping[str, Definition] = {**KEEPING, **MONEY, **CONVERSION, **STAGES}

# What stands beside a return on investment.
PROOFS: Mapping[Proof, LazyString] = {
    Proof.PROVEN: _("Proven"),
    Proof.UNPROVEN: _("Not proven"),
    Proof.ESTIMATED: _("Estimate (no comparison group)"),
}
