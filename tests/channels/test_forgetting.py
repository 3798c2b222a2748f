"""Raw letters are kept for a while, silent addresses until somebody or their owner says otherwise."""

from datetime import timedelta

from helpdesk.channels.email.arriving.receiving import take
from helpdesk.channels.email.forgetting import drop_old_letters
from helpdesk.channels.email.models import RawLetter, RawState
from helpdesk.core.db import db
from helpdesk.customers.models import ContactAddress
from tests.channels.post import eml


def test_bytes_go_after_their_time_and_the_letter_is_still_known(app, clock):
    letter = eml()
    take(letter)
    take(b"\r\n")
    clock.shift(timedelta(days=89))
    drop_old_letters()
    assert all(raw.content for raw in db.session.scalars(db.select(RawLetter)))

    clock.shift(timedelta(days=2))
    drop_old_letters()

    taken, waiting = db.session.scalars(db.select(RawLetter).order_by(RawLetter.id))
    assert (taken.content, taken.dropped_at is not None) == (b"", True)
    assert (waiting.state, waiting.content) == (RawState.QUARANTINED, b"\r\n")
    assert take(letter).result == "duplicate"


def test_nothing_goes_where_letters_are_kept_for_ever(app, clock):
    app.config["HELPDESK_RAW_MAIL_DAYS"] = 0
    take(eml())
    clock.shift(timedelta(days=4000))
    drop_old_letters()

    assert db.session.scalars(db.select(RawLetter)).one().content


def test_a_lead_silences_an_address_and_lifts_it_again(visit, grace, carol):
    lead, place = visit(grace), "/desk/settings/silent-addresses"
    assert lead.post(place, data={"address": "nobody@example.net"}).status_code == 422

    lead.post(place, data={"address": "Carol@example.org", "reason": "She asked us to."})
    assert carol.address is None
    page = lead.get(place).text
    assert "carol@example.org" in page
    assert "She asked us to." in page

    lead.post(f"{place}/{carol.addresses[0].id}/lifting")
    assert carol.address == "carol@example.org"


def test_the_list_goes_on(visit, grace, carol, app, clock):
    for number in range(60):
        address = ContactAddress(address=f"c{number}@example.org", bounced_at=carol.created_at)
        carol.addresses.append(address)
    db.session.commit()
    lead = visit(grace)
    first = lead.get("/desk/settings/silent-addresses").text
    older = first.partition("before=")[2].partition('"')[0].replace("&amp;", "&")

    second = lead.get(f"/desk/settings/silent-addresses?before={older}").text
    assert all((f"c{n}@example.org" in first) != (f"c{n}@example.org" in second) for n in range(60))
