"""Drafts of stage sets and of rules, locks, reasons of moves, and stays that later knowledge put another for.

Old stays hold as they are. The old release survives it as long as no stay is superseded. Going back loses rules,
locks, and stays that do not hold any more.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rules',
    sa.Column('purpose', sa.Enum('overlay', 'segment', name='purpose', native_enum=False, length=40), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('draft', 'published', 'retired', name='rulestatus', native_enum=False, length=40), nullable=False),
    sa.Column('name_ja', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('when', sa.JSON(), nullable=False),
    sa.Column('particulars', sa.JSON(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_rules_agent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rules'))
    )
    with op.batch_alter_table('rules', schema=None) as batch_op:
        batch_op.create_index('ix_rules_purpose_status', ['purpose', 'status'], unique=False)
        batch_op.create_index('uq_rules_key_version', ['purpose', 'key', 'version'], unique=True)

    op.create_table('stage_locks',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('until', sa.DateTime(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_stage_locks_agent_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_stage_locks_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage_locks')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_stage_locks_customer_id'))
    )
    with op.batch_alter_table('overlays', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('reason_code', sa.String(), nullable=False, server_default=''))
        batch_op.create_foreign_key(batch_op.f('fk_overlays_agent_id'), 'agents', ['agent_id'], ['id'])

    with op.batch_alter_table('stage_sets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mapping', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        batch_op.create_foreign_key(batch_op.f('fk_stage_sets_agent_id'), 'agents', ['agent_id'], ['id'])

    with op.batch_alter_table('stages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_stages_owner_id'), 'agents', ['owner_id'], ['id'])

    with op.batch_alter_table('stays', schema=None) as batch_op:
        batch_op.add_column(sa.Column('superseded_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('reason_code', sa.String(), nullable=False, server_default=''))



def downgrade() -> None:
    op.execute("DELETE FROM stays WHERE superseded_at IS NOT NULL")
    with op.batch_alter_table('stays', schema=None) as batch_op:
        batch_op.drop_column('reason_code')
        batch_op.drop_column('superseded_at')

    with op.batch_alter_table('stages', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_stages_owner_id'), type_='foreignkey')
        batch_op.drop_column('owner_id')

    with op.batch_alter_table('stage_sets', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_stage_sets_agent_id'), type_='foreignkey')
        batch_op.drop_column('edition')
        batch_op.drop_column('published_at')
        batch_op.drop_column('agent_id')
        batch_op.drop_column('mapping')

    with op.batch_alter_table('overlays', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_overlays_agent_id'), type_='foreignkey')
        batch_op.drop_column('reason_code')
        batch_op.drop_column('agent_id')

    op.drop_table('stage_locks')
    op.drop_table('rules')
