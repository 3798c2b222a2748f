"""Backup and restore: all of it comes back, and nothing old is sent."""

import pytest
from sqlalchemy import select

from helpdesk.core import files
from helpdesk.core.db import db
from helpdesk.core.mail import Letter, LetterState
from helpdesk.portal.letting_in import send_link
from helpdesk.running.backing_up import CannotBackUp, back_up, restore
from helpdesk.tickets.models import Ticket


@pytest.fixture
def archive(app, ticket, tmp_path):
    send_link.later(address="carol@example.org", browser_hash="0" * 64, lang="en")
    ticket.messages[0].attach(files.keep(b"%PDF-1.4 invoice"), "invoice.pdf")
    Letter.write(recipient="carol@example.org", subject="Hello", text="Hello")
    db.session.commit()
    back_up(tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def test_everything_comes_back(archive, ticket, ada):
    ticket.messages[0].attachments[0].file.path.unlink()
    ticket.resolve(by=ada)
    db.session.commit()

    restore(archive, force=True)

    again = db.session.scalars(select(Ticket)).one()
    assert not again.is_resolved
    assert again.messages[0].attachments[0].file.path.read_bytes() == b"%PDF-1.4 invoice"


def test_a_restored_house_sends_nothing_old(archive, work_off, postbox):
    restore(archive, force=True)
    work_off()

    assert postbox() == []
    assert db.session.scalars(select(Letter)).one().state is LetterState.CANCELLED


def test_a_home_in_use_is_not_replaced_by_mistake(archive):
    with pytest.raises(CannotBackUp, match="--force"):
        restore(archive, force=False)


def test_no_secret_is_in_the_archive(archive, app):
    assert app.config["SECRET_KEY"].encode() not in archive.read_bytes()
    assert "secret_key" not in back_up(archive)["settings"]
