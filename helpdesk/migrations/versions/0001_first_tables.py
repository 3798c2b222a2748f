"""The first tables.

Going back forgets everything.
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


FULLTEXT = {
    "sqlite": ("""CREATE VIRTUAL TABLE {table} USING fts5(words, tokenize="ascii tokenchars '+#'")""",),
    "postgresql": (
        "CREATE TABLE {table} (owner_id BIGINT NOT NULL, part_id BIGINT NOT NULL, row_no INTEGER NOT NULL,"
        " words TSVECTOR NOT NULL, CONSTRAINT pk_{table} PRIMARY KEY (owner_id, part_id, row_no))",
        "CREATE INDEX ix_{table}_words ON {table} USING gin (words) WITH (gin_pending_list_limit = 256)",
        "ALTER TABLE {table} ALTER COLUMN words SET STATISTICS 1000",
    ),
}


def _create_fulltext() -> None:
    for kind in ("tickets", "customers"):
        for statement in FULLTEXT[op.get_bind().dialect.name]:
            op.execute(sa.text(statement.format(table=f"fulltext_{kind}").replace(":", r"\:")))


def upgrade() -> None:
    op.create_table('agents',
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('role', sa.Enum('agent', 'lead', 'admin', name='role', native_enum=False, length=40), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('theme', sa.String(), nullable=True),
    sa.Column('signature', sa.String(), nullable=False),
    sa.Column('deactivated_at', sa.DateTime(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agents')),
    sa.UniqueConstraint('email', name=op.f('uq_agents_email'))
    )
    op.create_table('attempts',
    sa.Column('bucket', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts'))
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index('ix_attempts_bucket_at', ['bucket', 'at'], unique=False)

    op.create_table('beats',
    sa.Column('worker', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_beats')),
    sa.UniqueConstraint('worker', name=op.f('uq_beats_worker'))
    )
    op.create_table('jobs',
    sa.Column('task', sa.String(), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_by', sa.String(), nullable=True),
    sa.Column('failed_at', sa.DateTime(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    sa.UniqueConstraint('key', name=op.f('uq_jobs_key'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index('ix_jobs_failed_at_due_at', ['failed_at', 'due_at'], unique=False)

    op.create_table('signals',
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signals'))
    )
    with op.batch_alter_table('signals', schema=None) as batch_op:
        batch_op.create_index('ix_signals_at', ['at'], unique=False)

    op.create_table('slots',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('taken_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slots')),
    sa.UniqueConstraint('name', name=op.f('uq_slots_name'))
    )
    op.create_table('stage_sets',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('name_ja', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('draft', 'published', 'retired', name='setstatus', native_enum=False, length=40), nullable=False),
    sa.Column('preset', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stage_sets'))
    )
    op.create_table('stored_files',
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_files')),
    sa.UniqueConstraint('sha256', name=op.f('uq_stored_files_sha256'))
    )
    op.create_table('teams',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('name', name=op.f('uq_teams_name'))
    )
    op.create_table('agent_sessions',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_agent_sessions_agent_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agent_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_agent_sessions_token_hash'))
    )
    with op.batch_alter_table('agent_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agent_sessions_agent_id'), ['agent_id'], unique=False)

    op.create_table('api_tokens',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('used_at', sa.DateTime(), nullable=True),
    sa.Column('expires_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_api_tokens_agent_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_tokens_agent_id'), ['agent_id'], unique=False)

    op.create_table('articles',
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('status', sa.Enum('draft', 'published', 'archived', name='articlestatus', native_enum=False, length=40), nullable=False),
    sa.Column('visibility', sa.Enum('public', 'staff', name='visibility', native_enum=False, length=40), nullable=False),
    sa.Column('purpose', sa.Enum('how-to', 'comparison', 'roi', 'adoption-guide', 'case', 'policy', 'checklist', 'release-note', name='purpose', native_enum=False, length=40), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=True),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('stages', sa.JSON(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('published_at', sa.DateTime(), nullable=True),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('status_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('indexed_version', sa.Integer(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['status_by_id'], ['agents.id'], name=op.f('fk_articles_status_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_articles'))
    )
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.create_index('ix_articles_status_lang_category', ['status', 'lang', 'category'], unique=False)
        batch_op.create_index('uq_articles_external_id_lang', ['external_id', 'lang'], unique=True)
        batch_op.create_index('uq_articles_lang_slug', ['lang', 'slug'], unique=True)

    op.create_table('memberships',
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_memberships_agent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_memberships_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('agent_id', 'team_id', name=op.f('pk_memberships'))
    )
    op.create_table('stages',
    sa.Column('set_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('name_ja', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('anchor', sa.Enum('aware', 'engage', 'decide', 'buy', 'onboard', 'retain', 'advocate', name='anchor', native_enum=False, length=40), nullable=False),
    sa.Column('no_sell', sa.Boolean(), nullable=False),
    sa.Column('colour', sa.String(), nullable=False),
    sa.Column('guide', sa.JSON(), nullable=False),
    sa.Column('entry_rule', sa.JSON(), nullable=False),
    sa.Column('regress_rule', sa.JSON(), nullable=False),
    sa.Column('reply_within', sa.Integer(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['set_id'], ['stage_sets.id'], name=op.f('fk_stages_set_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stages'))
    )
    with op.batch_alter_table('stages', schema=None) as batch_op:
        batch_op.create_index('ix_stages_set_id_position', ['set_id', 'position'], unique=False)

    op.create_table('customers',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kana', sa.String(), nullable=False),
    sa.Column('type', sa.Enum('company', 'person', name='customertype', native_enum=False, length=40), nullable=False),
    sa.Column('domain', sa.String(), nullable=True),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('industry', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('stage_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('stage_since', sa.DateTime(), nullable=True),
    sa.Column('health', sa.Double(), nullable=True),
    sa.Column('health_coverage', sa.Double(), nullable=False),
    sa.Column('health_band', sa.String(), nullable=False),
    sa.Column('health_before', sa.Double(), nullable=True),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('needs_care', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['agents.id'], name=op.f('fk_customers_owner_id')),
    sa.ForeignKeyConstraint(['stage_id'], ['stages.id'], name=op.f('fk_customers_stage_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customers')),
    sa.UniqueConstraint('external_id', name=op.f('uq_customers_external_id'))
    )
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customers_domain'), ['domain'], unique=False)
        batch_op.create_index('ix_customers_stage_id_id', ['stage_id', 'id'], unique=False)

    op.create_table('help_steps',
    sa.Column('visitor', sa.String(), nullable=False),
    sa.Column('step', sa.Enum('searched', 'read', 'voted', name='step', native_enum=False, length=40), nullable=False),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=True),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('is_helpful', sa.Boolean(), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_help_steps_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_help_steps'))
    )
    with op.batch_alter_table('help_steps', schema=None) as batch_op:
        batch_op.create_index('ix_help_steps_step_at', ['step', 'at'], unique=False)
        batch_op.create_index('ix_help_steps_visitor_at', ['visitor', 'at'], unique=False)

    op.create_table('kept_answers',
    sa.Column('token_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('route', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('body_hash', sa.String(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['token_id'], ['api_tokens.id'], name=op.f('fk_kept_answers_token_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_answers'))
    )
    with op.batch_alter_table('kept_answers', schema=None) as batch_op:
        batch_op.create_index('ix_kept_answers_claimed_at', ['claimed_at'], unique=False)
        batch_op.create_index('uq_kept_answers_token_id_route_key', ['token_id', 'route', 'key'], unique=True)

    op.create_table('revisions',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('particulars', sa.JSON(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_revisions_agent_id')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_revisions_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revisions'))
    )
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.create_index('uq_revisions_article_id_number', ['article_id', 'number'], unique=True)

    op.create_table('contacts',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kana', sa.String(), nullable=False),
    sa.Column('department', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_contacts_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts'))
    )
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contacts_customer_id'), ['customer_id'], unique=False)

    op.create_table('health_readings',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('coverage', sa.Double(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_health_readings_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_health_readings'))
    )
    with op.batch_alter_table('health_readings', schema=None) as batch_op:
        batch_op.create_index('ix_health_readings_customer_id_at', ['customer_id', 'at'], unique=False)

    op.create_table('orders',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('product', sa.String(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('placed_at', sa.DateTime(), nullable=False),
    sa.Column('refunded_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_orders_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('external_id', name=op.f('uq_orders_external_id'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index('ix_orders_customer_id_placed_at', ['customer_id', 'placed_at'], unique=False)

    op.create_table('overlays',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('at_risk', 'paused', 'ended', 'won_back', name='overlaykind', native_enum=False, length=40), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('cause', sa.Enum('rule', 'manual', 'import', 'start', 'mapping', name='cause', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_overlays_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_overlays'))
    )
    with op.batch_alter_table('overlays', schema=None) as batch_op:
        batch_op.create_index('ix_overlays_customer_id_closed_at', ['customer_id', 'closed_at'], unique=False)

    op.create_table('regress_holds',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('since', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_regress_holds_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_regress_holds'))
    )
    with op.batch_alter_table('regress_holds', schema=None) as batch_op:
        batch_op.create_index('uq_regress_holds_customer_id_rule', ['customer_id', 'rule'], unique=True)

    op.create_table('stays',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('stage_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entered_at', sa.DateTime(), nullable=False),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.Column('cause', sa.Enum('rule', 'manual', 'import', 'start', 'mapping', name='cause', native_enum=False, length=40), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_stays_agent_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_stays_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stage_id'], ['stages.id'], name=op.f('fk_stays_stage_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stays'))
    )
    with op.batch_alter_table('stays', schema=None) as batch_op:
        batch_op.create_index('ix_stays_customer_id_entered_at', ['customer_id', 'entered_at'], unique=False)

    op.create_table('subscriptions',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('plan', sa.String(), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('seats_used', sa.Integer(), nullable=False),
    sa.Column('price', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('trial_ends_at', sa.DateTime(), nullable=True),
    sa.Column('paid_from', sa.DateTime(), nullable=True),
    sa.Column('renews_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_subscriptions_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriptions'))
    )
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_subscriptions_customer_id'), ['customer_id'], unique=False)

    op.create_table('unknown_events',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_unknown_events_customer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unknown_events')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_unknown_events_idempotency_key'))
    )
    with op.batch_alter_table('unknown_events', schema=None) as batch_op:
        batch_op.create_index('ix_unknown_events_customer_id', ['customer_id'], unique=False)

    op.create_table('votes',
    sa.Column('revision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visitor', sa.String(), nullable=False),
    sa.Column('is_helpful', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['revision_id'], ['revisions.id'], name=op.f('fk_votes_revision_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_votes'))
    )
    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.create_index('uq_votes_revision_id_visitor', ['revision_id', 'visitor'], unique=True)

    op.create_table('contact_addresses',
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('verified_at', sa.DateTime(), nullable=True),
    sa.Column('bounced_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_contact_addresses_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_addresses')),
    sa.UniqueConstraint('address', name=op.f('uq_contact_addresses_address'))
    )
    with op.batch_alter_table('contact_addresses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_addresses_contact_id'), ['contact_id'], unique=False)

    op.create_table('contact_sessions',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('browser', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_contact_sessions_contact_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_contact_sessions_token_hash'))
    )
    with op.batch_alter_table('contact_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_sessions_contact_id'), ['contact_id'], unique=False)

    op.create_table('tickets',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('assignee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('excerpt', sa.String(), nullable=False),
    sa.Column('status', sa.Enum('open', 'waiting', 'resolved', name='status', native_enum=False, length=40), nullable=False),
    sa.Column('priority', sa.Enum('low', 'normal', 'high', 'urgent', name='priority', native_enum=False, length=40), nullable=False),
    sa.Column('channel', sa.Enum('email', 'form', 'chat', 'phone', 'api', name='channel', native_enum=False, length=40), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('first_replied_at', sa.DateTime(), nullable=True),
    sa.Column('waiting_since', sa.DateTime(), nullable=True),
    sa.Column('reply_due_at', sa.DateTime(), nullable=True),
    sa.Column('resolved_at', sa.DateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['assignee_id'], ['agents.id'], name=op.f('fk_tickets_assignee_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_tickets_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_tickets_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stage_id'], ['stages.id'], name=op.f('fk_tickets_stage_id')),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_tickets_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tickets')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.create_index('ix_tickets_contact_id_id', ['contact_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_customer_id_id', ['customer_id', 'id'], unique=False)
        batch_op.create_index('ix_tickets_in_hands', ['assignee_id', 'status', 'updated_at', 'id', 'team_id'], unique=False)
        batch_op.create_index('ix_tickets_status_updated_at_id', ['status', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_team_id_status_updated_at_id', ['team_id', 'status', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_tickets_unassigned', ['team_id', 'status', 'updated_at', 'id', 'assignee_id'], unique=False, sqlite_where=sa.text('assignee_id IS NULL'), postgresql_where=sa.text('assignee_id IS NULL'))

    op.create_table('chat_sessions',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('page', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('mailed_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_chat_sessions_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_chat_sessions_token_hash'))
    )
    with op.batch_alter_table('chat_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chat_sessions_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_chat_sessions_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('cue_answers',
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cue', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_cue_answers_agent_id')),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_cue_answers_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_cue_answers_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cue_answers'))
    )
    with op.batch_alter_table('cue_answers', schema=None) as batch_op:
        batch_op.create_index('ix_cue_answers_customer_id_cue_at', ['customer_id', 'cue', 'at'], unique=False)

    op.create_table('events',
    sa.Column('kind', sa.Enum('customer.added', 'contact.added', 'ticket.opened', 'ticket.heard', 'ticket.replied', 'ticket.noted', 'ticket.assigned', 'ticket.changed', 'ticket.resolved', 'ticket.reopened', 'chat.ended', 'letter.failed', 'help.searched', 'article.read', 'article.voted', 'stage.entered', 'overlay.opened', 'overlay.closed', 'cue.answered', 'survey.invited', 'survey.skipped', 'survey.answered', 'trial.started', 'trial.ended', 'order.paid', 'order.refunded', 'sub.started', 'sub.changed', 'sub.ended', 'payment.failed', 'payment.recovered', 'usage.daily', 'value.reached', 'checklist.done', 'referral.accepted', name='kind', native_enum=False, length=40), nullable=False),
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('stage_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('cause_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_events_agent_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['events.id'], name=op.f('fk_events_cause_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_events_contact_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_events_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stage_id'], ['stages.id'], name=op.f('fk_events_stage_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_events_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_events_idempotency_key'))
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_customer_id_kind_occurred_at', ['customer_id', 'kind', 'occurred_at'], unique=False)
        batch_op.create_index('ix_events_customer_id_occurred_at_id', ['customer_id', 'occurred_at', 'id'], unique=False)
        batch_op.create_index('ix_events_kind_occurred_at', ['kind', 'occurred_at'], unique=False)
        batch_op.create_index('ix_events_ticket_id_id', ['ticket_id', 'id'], unique=False)

    op.create_table('messages',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('customer', 'agent', 'note', name='messagekind', native_enum=False, length=40), nullable=False),
    sa.Column('channel', sa.Enum('email', 'form', 'chat', 'phone', 'api', name='channel', native_enum=False, length=40), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('quoted', sa.String(), nullable=False),
    sa.Column('html', sa.String(), nullable=True),
    sa.Column('is_automatic', sa.Boolean(), nullable=False),
    sa.Column('proof', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_messages_agent_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_messages_contact_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_messages_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_ticket_id_id', ['ticket_id', 'id'], unique=False)

    op.create_table('reply_addresses',
    sa.Column('mac', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_reply_addresses_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_reply_addresses_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reply_addresses')),
    sa.UniqueConstraint('mac', name=op.f('uq_reply_addresses_mac'))
    )
    with op.batch_alter_table('reply_addresses', schema=None) as batch_op:
        batch_op.create_index('uq_reply_addresses_ticket_id_contact_id', ['ticket_id', 'contact_id'], unique=True)

    op.create_table('sign_in_links',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('browser_hash', sa.String(), nullable=False),
    sa.Column('code_mark', sa.String(), nullable=False),
    sa.Column('address_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['address_id'], ['contact_addresses.id'], name=op.f('fk_sign_in_links_address_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_links_token_hash'))
    )
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_links_address_id'), ['address_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sign_in_links_browser_hash'), ['browser_hash'], unique=False)

    op.create_table('surveys',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('cycle', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('contact_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('stage_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('team_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('channel', sa.Enum('email', 'form', 'chat', 'phone', 'api', name='channel', native_enum=False, length=40), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('resolved_at', sa.DateTime(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=True),
    sa.Column('invited_at', sa.DateTime(), nullable=True),
    sa.Column('skipped_for', sa.String(), nullable=False),
    sa.Column('opens', sa.Integer(), nullable=False),
    sa.Column('csat', sa.Integer(), nullable=True),
    sa.Column('ces', sa.Integer(), nullable=True),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_surveys_agent_id')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_surveys_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_surveys_customer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['stage_id'], ['stages.id'], name=op.f('fk_surveys_stage_id')),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_surveys_team_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_surveys_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surveys')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_surveys_token_hash'))
    )
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.create_index('ix_surveys_answered', ['answered_at', 'team_id', 'agent_id', 'stage_id', 'channel', 'topic', 'csat', 'ces'], unique=False)
        batch_op.create_index('ix_surveys_contact_id_invited_at', ['contact_id', 'invited_at'], unique=False)
        batch_op.create_index('ix_surveys_customer_id_answered_at', ['customer_id', 'answered_at'], unique=False)
        batch_op.create_index('ix_surveys_invited', ['invited_at', 'skipped_for', 'team_id', 'agent_id', 'stage_id', 'channel', 'topic', 'answered_at', 'opens'], unique=False)
        batch_op.create_index('uq_surveys_ticket_id_cycle', ['ticket_id', 'cycle'], unique=True)

    op.create_table('ticket_tags',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_tags_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_tags'))
    )
    with op.batch_alter_table('ticket_tags', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_tags_name_ticket_id', ['name', 'ticket_id'], unique=True)
        batch_op.create_index(batch_op.f('ix_ticket_tags_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('answer_versions',
    sa.Column('survey_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csat', sa.Integer(), nullable=True),
    sa.Column('ces', sa.Integer(), nullable=True),
    sa.Column('comment', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['survey_id'], ['surveys.id'], name=op.f('fk_answer_versions_survey_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_versions'))
    )
    with op.batch_alter_table('answer_versions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_versions_survey_id'), ['survey_id'], unique=False)

    op.create_table('attachments',
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content_id', sa.String(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_attachments_file_id')),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_attachments_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachments_message_id'), ['message_id'], unique=False)

    op.create_table('letters',
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'failed', 'cancelled', name='letterstate', native_enum=False, length=40), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('html', sa.String(), nullable=True),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('envelope_from', sa.String(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reply_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('enclosures', sa.JSON(), nullable=False),
    sa.Column('written_at', sa.DateTime(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('leased_until', sa.DateTime(), nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['reply_id'], ['messages.id'], name=op.f('fk_letters_reply_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_letters_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters')),
    sa.UniqueConstraint('message_id', name=op.f('uq_letters_message_id'))
    )
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letters_reply_id'), ['reply_id'], unique=False)
        batch_op.create_index('ix_letters_state_id', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_letters_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('raw_letters',
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('received', 'taken', 'quarantined', name='rawstate', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('fingerprint', sa.String(), nullable=True),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('turn_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('received_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_raw_letters_ticket_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['turn_id'], ['messages.id'], name=op.f('fk_raw_letters_turn_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_raw_letters')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_raw_letters_fingerprint')),
    sa.UniqueConstraint('sha256', name=op.f('uq_raw_letters_sha256'))
    )
    with op.batch_alter_table('raw_letters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_raw_letters_message_id'), ['message_id'], unique=False)
        batch_op.create_index('ix_raw_letters_state_id', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_raw_letters_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_raw_letters_turn_id'), ['turn_id'], unique=False)
    _create_fulltext()


def downgrade() -> None:
    for kind in ("tickets", "customers"):
        op.execute(f"DROP TABLE fulltext_{kind}")
    with op.batch_alter_table('raw_letters', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_raw_letters_turn_id'))
        batch_op.drop_index(batch_op.f('ix_raw_letters_ticket_id'))
        batch_op.drop_index('ix_raw_letters_state_id')
        batch_op.drop_index(batch_op.f('ix_raw_letters_message_id'))

    op.drop_table('raw_letters')
    with op.batch_alter_table('letters', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_letters_ticket_id'))
        batch_op.drop_index('ix_letters_state_id')
        batch_op.drop_index(batch_op.f('ix_letters_reply_id'))

    op.drop_table('letters')
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachments_message_id'))

    op.drop_table('attachments')
    with op.batch_alter_table('answer_versions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_versions_survey_id'))

    op.drop_table('answer_versions')
    with op.batch_alter_table('ticket_tags', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_tags_ticket_id'))
        batch_op.drop_index('ix_ticket_tags_name_ticket_id')

    op.drop_table('ticket_tags')
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.drop_index('uq_surveys_ticket_id_cycle')
        batch_op.drop_index('ix_surveys_invited')
        batch_op.drop_index('ix_surveys_customer_id_answered_at')
        batch_op.drop_index('ix_surveys_contact_id_invited_at')
        batch_op.drop_index('ix_surveys_answered')

    op.drop_table('surveys')
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_links_browser_hash'))
        batch_op.drop_index(batch_op.f('ix_sign_in_links_address_id'))

    op.drop_table('sign_in_links')
    with op.batch_alter_table('reply_addresses', schema=None) as batch_op:
        batch_op.drop_index('uq_reply_addresses_ticket_id_contact_id')

    op.drop_table('reply_addresses')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('ix_messages_ticket_id_id')

    op.drop_table('messages')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_ticket_id_id')
        batch_op.drop_index('ix_events_kind_occurred_at')
        batch_op.drop_index('ix_events_customer_id_occurred_at_id')
        batch_op.drop_index('ix_events_customer_id_kind_occurred_at')

    op.drop_table('events')
    with op.batch_alter_table('cue_answers', schema=None) as batch_op:
        batch_op.drop_index('ix_cue_answers_customer_id_cue_at')

    op.drop_table('cue_answers')
    with op.batch_alter_table('chat_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chat_sessions_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_chat_sessions_created_at'))

    op.drop_table('chat_sessions')
    with op.batch_alter_table('tickets', schema=None) as batch_op:
        batch_op.drop_index('ix_tickets_unassigned', sqlite_where=sa.text('assignee_id IS NULL'), postgresql_where=sa.text('assignee_id IS NULL'))
        batch_op.drop_index('ix_tickets_team_id_status_updated_at_id')
        batch_op.drop_index('ix_tickets_status_updated_at_id')
        batch_op.drop_index('ix_tickets_in_hands')
        batch_op.drop_index('ix_tickets_customer_id_id')
        batch_op.drop_index('ix_tickets_contact_id_id')

    op.drop_table('tickets')
    with op.batch_alter_table('contact_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_sessions_contact_id'))

    op.drop_table('contact_sessions')
    with op.batch_alter_table('contact_addresses', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_addresses_contact_id'))

    op.drop_table('contact_addresses')
    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.drop_index('uq_votes_revision_id_visitor')

    op.drop_table('votes')
    with op.batch_alter_table('unknown_events', schema=None) as batch_op:
        batch_op.drop_index('ix_unknown_events_customer_id')

    op.drop_table('unknown_events')
    with op.batch_alter_table('subscriptions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_subscriptions_customer_id'))

    op.drop_table('subscriptions')
    with op.batch_alter_table('stays', schema=None) as batch_op:
        batch_op.drop_index('ix_stays_customer_id_entered_at')

    op.drop_table('stays')
    with op.batch_alter_table('regress_holds', schema=None) as batch_op:
        batch_op.drop_index('uq_regress_holds_customer_id_rule')

    op.drop_table('regress_holds')
    with op.batch_alter_table('overlays', schema=None) as batch_op:
        batch_op.drop_index('ix_overlays_customer_id_closed_at')

    op.drop_table('overlays')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index('ix_orders_customer_id_placed_at')

    op.drop_table('orders')
    with op.batch_alter_table('health_readings', schema=None) as batch_op:
        batch_op.drop_index('ix_health_readings_customer_id_at')

    op.drop_table('health_readings')
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contacts_customer_id'))

    op.drop_table('contacts')
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_index('uq_revisions_article_id_number')

    op.drop_table('revisions')
    with op.batch_alter_table('kept_answers', schema=None) as batch_op:
        batch_op.drop_index('uq_kept_answers_token_id_route_key')
        batch_op.drop_index('ix_kept_answers_claimed_at')

    op.drop_table('kept_answers')
    with op.batch_alter_table('help_steps', schema=None) as batch_op:
        batch_op.drop_index('ix_help_steps_visitor_at')
        batch_op.drop_index('ix_help_steps_step_at')

    op.drop_table('help_steps')
    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.drop_index('ix_customers_stage_id_id')
        batch_op.drop_index(batch_op.f('ix_customers_domain'))

    op.drop_table('customers')
    with op.batch_alter_table('stages', schema=None) as batch_op:
        batch_op.drop_index('ix_stages_set_id_position')

    op.drop_table('stages')
    op.drop_table('memberships')
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_index('uq_articles_lang_slug')
        batch_op.drop_index('uq_articles_external_id_lang')
        batch_op.drop_index('ix_articles_status_lang_category')

    op.drop_table('articles')
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_api_tokens_agent_id'))

    op.drop_table('api_tokens')
    with op.batch_alter_table('agent_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agent_sessions_agent_id'))

    op.drop_table('agent_sessions')
    op.drop_table('teams')
    op.drop_table('stored_files')
    op.drop_table('stage_sets')
    op.drop_table('slots')
    with op.batch_alter_table('signals', schema=None) as batch_op:
        batch_op.drop_index('ix_signals_at')

    op.drop_table('signals')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_failed_at_due_at')

    op.drop_table('jobs')
    op.drop_table('beats')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index('ix_attempts_bucket_at')

    op.drop_table('attempts')
    op.drop_table('agents')
