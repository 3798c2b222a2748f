"""Mailboxes, people in copy, planned answers; letters and messages know more of whom they were for.

Old letters are counted by the address they went to. The old release survives it, but for letters that
colleagues answer from their own mail programs. Going back loses what the new tables hold.
"""

from email.utils import parseaddr

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


# Where the work that waits in the queue lives now: its rooms have moved.
MOVED = {
    "helpdesk.core.mail.deliver": "helpdesk.core.delivering.deliver",
    "helpdesk.channels.email.outbound.": "helpdesk.channels.email.leaving.outbound.",
    "knowledge_base.feeding.": "knowledge_base.index.feeding.",
    "knowledge_base.tending.": "knowledge_base.index.tending.",
    "knowledge_base.semantic_feeding.": "knowledge_base.semantic.feeding.",
    "knowledge_base.following.": "knowledge_base.writing.following.",
    "knowledge_base.life.": "knowledge_base.writing.life.",
    "knowledge_base.linking.": "knowledge_base.writing.linking.",
    "knowledge_base.importing.": "knowledge_base.transfer.importing.",
    "knowledge_base.transferring.": "knowledge_base.transfer.transferring.",
}
JOBS = sa.table("jobs", *map(sa.column, ("id", "task", "key")))
LETTERS = sa.table("letters", *map(sa.column, ("id", "recipient", "address")))


def _add_mailbox(table: str, **kept: bool) -> None:
    """`mailbox_id`, with its foreign key: for that, a batch copies the table on SQLite."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    with op.batch_alter_table(table, schema=None, table_kwargs=kept) as batch_op:
        batch_op.add_column(sa.Column('mailbox_id', number, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f(f'fk_{table}_mailbox_id'), 'mailboxes', ['mailbox_id'], ['id'], ondelete='SET NULL'
        )


def _drop(table: str, *columns: str, **kept: bool) -> None:
    with op.batch_alter_table(table, schema=None, table_kwargs=kept) as batch_op:
        for column in columns:
            batch_op.drop_column(column)


def _rename_jobs(moved: dict[str, str]) -> None:
    """The key of a job begins with the name of its task."""
    bind = op.get_bind()
    for old, new in moved.items():
        for name in ("task", "key"):
            column = JOBS.c[name]
            begun = JOBS.update().where(column.startswith(old, autoescape=True))
            bind.execute(begun.values({name: new + sa.func.substr(column, len(old) + 1)}))


def _tell_addresses() -> None:
    """The bare address of each letter; with the name before it, the recipient was kept as in the header."""
    bind = op.get_bind()
    for id, recipient in bind.execute(sa.select(LETTERS.c.id, LETTERS.c.recipient)).all():
        address = parseaddr(recipient)[1].lower()
        bind.execute(LETTERS.update().where(LETTERS.c.id == id).values(address=address))


def upgrade() -> None:
    _rename_jobs(MOVED)
    op.create_table('mailboxes',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('aliases', sa.JSON(), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('style', sa.Enum('html', 'plain', name='letterstyle', native_enum=False, length=40), nullable=False),
    sa.Column('quotes', sa.Boolean(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.Column('acknowledges', sa.Boolean(), nullable=False),
    sa.Column('imap_host', sa.String(), nullable=False),
    sa.Column('imap_port', sa.Integer(), nullable=False),
    sa.Column('imap_tls', sa.Enum('tls', 'starttls', 'none', name='tls', native_enum=False, length=40), nullable=False),
    sa.Column('imap_user', sa.String(), nullable=False),
    sa.Column('imap_folder', sa.String(), nullable=False),
    sa.Column('after_fetching', sa.Enum('seen', 'moved', 'left', name='afterfetching', native_enum=False, length=40), nullable=False),
    sa.Column('done_folder', sa.String(), nullable=False),
    sa.Column('smtp_host', sa.String(), nullable=False),
    sa.Column('smtp_port', sa.Integer(), nullable=False),
    sa.Column('smtp_tls', sa.Enum('tls', 'starttls', 'none', name='tls', native_enum=False, length=40), nullable=False),
    sa.Column('smtp_user', sa.String(), nullable=False),
    sa.Column('sign_in', sa.Enum('password', 'oauth2', name='signin', native_enum=False, length=40), nullable=False),
    sa.Column('oauth_token_url', sa.String(), nullable=False),
    sa.Column('oauth_client_id', sa.String(), nullable=False),
    sa.Column('oauth_scope', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('hook_mac', sa.String(), nullable=True),
    sa.Column('uid_validity', sa.BigInteger(), nullable=True),
    sa.Column('uid_next', sa.BigInteger(), nullable=False),
    sa.Column('fetched_at', sa.DateTime(), nullable=True),
    sa.Column('leased_until', sa.DateTime(), nullable=True),
    sa.Column('fault', sa.String(), nullable=False),
    sa.Column('fault_since', sa.DateTime(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_mailboxes_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailboxes')),
    sa.UniqueConstraint('address', name=op.f('uq_mailboxes_address')),
    sa.UniqueConstraint('hook_mac', name=op.f('uq_mailboxes_hook_mac'))
    )
    op.create_table('mail_templates',
    sa.Column('mailbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailboxes.id'], name=op.f('fk_mail_templates_mailbox_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_templates'))
    )
    with op.batch_alter_table('mail_templates', schema=None) as batch_op:
        batch_op.create_index('uq_mail_templates_place', ['mailbox_id', 'purpose', 'language'], unique=True)

    op.create_table('participants',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('origin', sa.Enum('named', 'wrote', 'added', name='origin', native_enum=False, length=40), nullable=False),
    sa.Column('is_copied', sa.Boolean(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('joined_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_participants_agent_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_participants_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_participants_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_participants'))
    )
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_participants_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index('uq_participants_ticket_id_contact_id', ['ticket_id', 'contact_id'], unique=True)

    op.create_table('planned_replies',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('particulars', sa.JSON(), nullable=False),
    sa.Column('last_message_id', sa.Integer(), nullable=False),
    sa.Column('is_scheduled', sa.Boolean(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'said', 'taken-back', 'overtaken', name='plannedstate', native_enum=False, length=40), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_planned_replies_agent_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_planned_replies_message_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_planned_replies_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_replies'))
    )
    with op.batch_alter_table('planned_replies', schema=None) as batch_op:
        batch_op.create_index('ix_planned_replies_state_due_at', ['state', 'due_at'], unique=False)
        batch_op.create_index('ix_planned_replies_ticket_id_state', ['ticket_id', 'state'], unique=False)

    op.create_table('fetched_letters',
    sa.Column('mailbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid_validity', sa.BigInteger(), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.Column('raw_letter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('marked_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailboxes.id'], name=op.f('fk_fetched_letters_mailbox_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['raw_letter_id'], ['raw_letters.id'], name=op.f('fk_fetched_letters_raw_letter_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fetched_letters'))
    )
    with op.batch_alter_table('fetched_letters', schema=None) as batch_op:
        batch_op.create_index('ix_fetched_letters_raw_letter_id', ['raw_letter_id'], unique=False)
        batch_op.create_index('uq_fetched_letters_place', ['mailbox_id', 'uid_validity', 'uid'], unique=True)

    op.add_column('agents', sa.Column('hears_by_mail', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('contact_addresses', sa.Column('silent_because', sa.String(), nullable=False, server_default=''))
    op.add_column('messages', sa.Column('recipients', sa.JSON(), nullable=False, server_default='{}'))
    # A number is never given twice, in a copied table too.
    _add_mailbox('tickets', sqlite_autoincrement=True)

    _add_mailbox('letters')
    op.add_column('letters', sa.Column('address', sa.String(), nullable=False, server_default=''))
    op.add_column('letters', sa.Column('copies', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('letters', sa.Column('purpose', sa.String(), nullable=False, server_default=''))
    op.add_column('letters', sa.Column('is_automatic', sa.Boolean(), nullable=False, server_default=sa.false()))
    _tell_addresses()
    op.create_index('ix_letters_address_written_at', 'letters', ['address', 'written_at'])
    op.create_index('ix_letters_purpose_written_at', 'letters', ['purpose', 'written_at'])

    _add_mailbox('raw_letters')
    op.add_column('raw_letters', sa.Column('door', sa.String(), nullable=False, server_default='pipe'))
    op.add_column('raw_letters', sa.Column('tries', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('raw_letters', sa.Column('dropped_at', sa.DateTime(), nullable=True))
    op.create_index('ix_raw_letters_mailbox_id', 'raw_letters', ['mailbox_id'])
    op.create_index('ix_raw_letters_received_at', 'raw_letters', ['received_at'])

    with op.batch_alter_table('reply_addresses', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.alter_column('contact_id', existing_type=sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True)
        batch_op.create_index('uq_reply_addresses_ticket_id_agent_id', ['ticket_id', 'agent_id'], unique=True)
        batch_op.create_foreign_key(batch_op.f('fk_reply_addresses_agent_id'), 'agents', ['agent_id'], ['id'])
        batch_op.create_check_constraint('somebody', '(contact_id IS NULL) <> (agent_id IS NULL)')


def downgrade() -> None:
    _rename_jobs({new: old for old, new in MOVED.items()})
    op.execute('DELETE FROM reply_addresses WHERE contact_id IS NULL')
    with op.batch_alter_table('reply_addresses', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_reply_addresses_somebody'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_reply_addresses_agent_id'), type_='foreignkey')
        batch_op.drop_index('uq_reply_addresses_ticket_id_agent_id')
        batch_op.alter_column('contact_id', existing_type=sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False)
        batch_op.drop_column('agent_id')

    op.drop_index('ix_raw_letters_received_at', 'raw_letters')
    op.drop_index('ix_raw_letters_mailbox_id', 'raw_letters')
    _drop('raw_letters', 'dropped_at', 'tries', 'door', 'mailbox_id')
    op.drop_index('ix_letters_purpose_written_at', 'letters')
    op.drop_index('ix_letters_address_written_at', 'letters')
    _drop('letters', 'is_automatic', 'purpose', 'copies', 'address', 'mailbox_id')
    _drop('tickets', 'mailbox_id', sqlite_autoincrement=True)
    _drop('messages', 'recipients')
    _drop('contact_addresses', 'silent_because')
    _drop('agents', 'hears_by_mail')

    with op.batch_alter_table('fetched_letters', schema=None) as batch_op:
        batch_op.drop_index('uq_fetched_letters_place')
        batch_op.drop_index('ix_fetched_letters_raw_letter_id')

    op.drop_table('fetched_letters')
    with op.batch_alter_table('planned_replies', schema=None) as batch_op:
        batch_op.drop_index('ix_planned_replies_ticket_id_state')
        batch_op.drop_index('ix_planned_replies_state_due_at')

    op.drop_table('planned_replies')
    with op.batch_alter_table('participants', schema=None) as batch_op:
        batch_op.drop_index('uq_participants_ticket_id_contact_id')
        batch_op.drop_index(batch_op.f('ix_participants_contact_id'))

    op.drop_table('participants')
    with op.batch_alter_table('mail_templates', schema=None) as batch_op:
        batch_op.drop_index('uq_mail_templates_place')

    op.drop_table('mail_templates')
    op.drop_table('mailboxes')