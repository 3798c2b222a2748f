"""A team's own fields and tags of customers, by program."""

from helpdesk.core.db import db
from helpdesk.customers.custom_fields import CustomField, FieldType


def test_own_fields_by_the_api(api, carol):
    db.session.add(CustomField(key="plan_b", name_ja="B", name_en="B", type=FieldType.FLAG))
    address = f"/api/v1/customers/{carol.customer_id}"
    told = api.patch(address, json={"extra": {"plan_b": True}, "tags": ["vip"]}).json
    assert (told["extra"], told["tags"]) == ({"plan_b": True}, ["vip"])
    assert api.patch(address, json={"extra": {"plan_b": "yes"}}).status_code == 422
    assert api.patch(address, json={"extra": {"nothing": 1}}).status_code == 422
    assert api.patch(address, json={"extra": {"plan_b": None}}).json["extra"] == {}
