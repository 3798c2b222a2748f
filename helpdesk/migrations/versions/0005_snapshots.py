"""What the last review of each customer knew, for rules that ask of everybody at once.

Empty at first: reviews fill it, and may do so again at any time. The old release survives it. Going back
loses nothing that is not made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('customer_snapshots',
    sa.Column('customer_id', number, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('known', sa.JSON(), nullable=False),
    sa.Column('id', number, nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_customer_snapshots_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_snapshots')),
    sa.UniqueConstraint('customer_id', name=op.f('uq_customer_snapshots_customer_id'))
    )
    op.create_index('ix_customer_snapshots_at', 'customer_snapshots', ['at'])


def downgrade() -> None:
    op.drop_table('customer_snapshots')
