"""Imports that can be taken back, customers that were put together, fields of a team's own; larger sums.

Old rows stay as they are: no tags, no fields, nothing refunded in part. The old release survives it. Going back
loses what the new tables and columns hold; of customers that were put together, the empty ones show again.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('custom_fields',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('name_ja', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('type', sa.Enum('text', 'number', 'day', 'flag', 'choice', name='fieldtype', native_enum=False, length=40), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('is_sensitive', sa.Boolean(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_retired', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_fields')),
    sa.UniqueConstraint('key', name=op.f('uq_custom_fields_key'))
    )
    op.create_table('import_column_maps',
    sa.Column('what', sa.Enum('customers', 'orders', 'subscriptions', 'events', name='what', native_enum=False, length=40), nullable=False),
    sa.Column('header', sa.String(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_column_maps'))
    )
    with op.batch_alter_table('import_column_maps', schema=None) as batch_op:
        batch_op.create_index('uq_import_column_maps_header', ['what', 'header'], unique=True)

    op.create_table('import_batches',
    sa.Column('what', sa.Enum('customers', 'orders', 'subscriptions', 'events', name='what', native_enum=False, length=40), nullable=False),
    sa.Column('progress', sa.Enum('reading', 'ready', 'taking', 'done', 'failed', 'undoing', 'undone', name='progress', native_enum=False, length=40), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('reading', sa.JSON(), nullable=False),
    sa.Column('keeps_good', sa.Boolean(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_import_batches_agent_id')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_import_batches_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batches'))
    )
    with op.batch_alter_table('import_batches', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batches_created_at'), ['created_at'], unique=False)

    op.create_table('import_touched',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batches.id'], name=op.f('fk_import_touched_batch_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_touched'))
    )
    with op.batch_alter_table('import_touched', schema=None) as batch_op:
        batch_op.create_index('ix_import_touched_subject', ['subject_type', 'subject_id'], unique=False)
        batch_op.create_index('uq_import_touched_row', ['batch_id', 'subject_type', 'subject_id'], unique=True)

    op.create_table('likeness_keys',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_likeness_keys_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_likeness_keys'))
    )
    with op.batch_alter_table('likeness_keys', schema=None) as batch_op:
        batch_op.create_index('ix_likeness_keys_kind_key', ['kind', 'key'], unique=False)
        batch_op.create_index('uq_likeness_keys_customer_id', ['customer_id', 'kind', 'key'], unique=True)

    op.create_table('likeness_pairs',
    sa.Column('one_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('verdict', sa.Enum('open', 'different', 'merged', name='verdict', native_enum=False, length=40), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('found_at', sa.DateTime(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_likeness_pairs_agent_id')),
    sa.ForeignKeyConstraint(['one_id'], ['customers.id'], name=op.f('fk_likeness_pairs_one_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['other_id'], ['customers.id'], name=op.f('fk_likeness_pairs_other_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_likeness_pairs'))
    )
    with op.batch_alter_table('likeness_pairs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_likeness_pairs_other_id'), ['other_id'], unique=False)
        batch_op.create_index('ix_likeness_pairs_verdict_score', ['verdict', 'score', 'id'], unique=False)
        batch_op.create_index('uq_likeness_pairs_pair', ['one_id', 'other_id'], unique=True)

    op.create_table('merges',
    sa.Column('kept_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('gone_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('merged_at', sa.DateTime(), nullable=False),
    sa.Column('undone_at', sa.DateTime(), nullable=True),
    sa.Column('undone_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_merges_agent_id')),
    sa.ForeignKeyConstraint(['gone_id'], ['customers.id'], name=op.f('fk_merges_gone_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['kept_id'], ['customers.id'], name=op.f('fk_merges_kept_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['undone_by_id'], ['agents.id'], name=op.f('fk_merges_undone_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges'))
    )
    with op.batch_alter_table('merges', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merges_gone_id'), ['gone_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_merges_kept_id'), ['kept_id'], unique=False)

    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tags', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('extra', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('merged_into_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index(batch_op.f('ix_customers_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_customers_merged_into_id'), 'customers', ['merged_into_id'], ['id'])

    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('refunded', sa.BigInteger(), nullable=False, server_default='0'))
        batch_op.alter_column('amount',
               existing_type=sa.INTEGER(),
               type_=sa.BigInteger(),
               existing_nullable=False)

    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('external_id', sa.String(), nullable=True))
        batch_op.alter_column('price',
               existing_type=sa.INTEGER(),
               type_=sa.BigInteger(),
               existing_nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_subscriptions_external_id'), ['external_id'])



def downgrade() -> None:
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_subscriptions_external_id'), type_='unique')
        batch_op.alter_column('price',
               existing_type=sa.BigInteger(),
               type_=sa.INTEGER(),
               existing_nullable=False)
        batch_op.drop_column('external_id')

    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.alter_column('amount',
               existing_type=sa.BigInteger(),
               type_=sa.INTEGER(),
               existing_nullable=False)
        batch_op.drop_column('refunded')

    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_customers_merged_into_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_customers_merged_into_id'))
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('extra')
        batch_op.drop_column('tags')

    op.drop_table('merges')
    op.drop_table('likeness_pairs')
    op.drop_table('likeness_keys')
    op.drop_table('import_touched')
    op.drop_table('import_batches')
    op.drop_table('import_column_maps')
    op.drop_table('custom_fields')
