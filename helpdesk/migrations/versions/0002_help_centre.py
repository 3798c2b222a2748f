"""The help centre: categories as a tree, owners and dates of articles, files, links, synonyms, what was learnt.

The topic that an article named becomes a category; topics of two languages become one where all articles
that translate each other say so. The old release does not survive it. Going back keeps each article's
own category as its topic and forgets the rest.
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

ARTICLES = sa.table(
    "articles", *map(sa.column, ("id", "external_id", "lang", "category", "category_id", "status", "visibility"))
)
CATEGORIES = sa.table("categories", *map(sa.column, ("id", "parent_id", "position", "name_ja", "name_en")))


def _topics_to_categories() -> None:
    bind = op.get_bind()
    told = sa.select(ARTICLES.c.external_id, ARTICLES.c.lang, ARTICLES.c.category).where(ARTICLES.c.category != "")
    rows = bind.execute(told.order_by(ARTICLES.c.id)).all()
    for position, names in enumerate(_paired(rows), 1):
        made = {"id": position, "position": position, "name_ja": names.get("ja", ""), "name_en": names.get("en", "")}
        bind.execute(CATEGORIES.insert().values(parent_id=None, **made))
        for lang, name in names.items():
            own = (ARTICLES.c.lang == lang) & (ARTICLES.c.category == name)
            bind.execute(ARTICLES.update().where(own).values(category_id=position))
    if bind.dialect.name == "postgresql":
        bind.execute(sa.text("SELECT setval('categories_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM categories))"))


def _paired(rows) -> list[dict[str, str]]:
    """The names of each category by language: a topic with its translation where there is just one."""
    said: dict[str, dict[str, str]] = {}
    for external_id, lang, name in rows:
        if external_id is not None:
            said.setdefault(external_id, {})[lang] = name
    pairs = {(names["ja"], names["en"]) for names in said.values() if {"ja", "en"} <= names.keys()}
    known: dict[tuple[str, str], dict[str, str]] = {}
    for _external_id, lang, name in rows:
        if (lang, name) in known:
            continue
        place, other = (0, "en") if lang == "ja" else (1, "ja")
        fitting = [pair for pair in pairs if pair[place] == name]
        names = {lang: name}
        if len(fitting) == 1 and len([p for p in pairs if p[1 - place] == fitting[0][1 - place]]) == 1:
            names[other] = fitting[0][1 - place]
        for each in names.items():
            known[each] = names
    return list({id(names): names for names in known.values()}.values())


def _categories_to_topics() -> None:
    bind = op.get_bind()
    own = sa.select(sa.case(
        (ARTICLES.c.lang == "ja", sa.func.coalesce(sa.func.nullif(CATEGORIES.c.name_ja, ""), CATEGORIES.c.name_en)),
        else_=sa.func.coalesce(sa.func.nullif(CATEGORIES.c.name_en, ""), CATEGORIES.c.name_ja),
    )).where(CATEGORIES.c.id == ARTICLES.c.category_id).scalar_subquery()
    bind.execute(ARTICLES.update().where(ARTICLES.c.category_id.is_not(None)).values(category=own))
    bind.execute(ARTICLES.update().where(ARTICLES.c.status == "review").values(status="draft"))
    # Readers never get by going back what they could not read before.
    closed = ARTICLES.c.visibility.in_(["signed-in", "segment"])
    bind.execute(ARTICLES.update().where(closed).values(visibility="staff"))


def upgrade() -> None:
    op.create_table('article_words',
    sa.Column('article_id', sa.BigInteger(), nullable=False),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_words')),
    sa.UniqueConstraint('article_id', name=op.f('uq_article_words_article_id'))
    )
    with op.batch_alter_table('article_words', schema=None) as batch_op:
        batch_op.create_index('ix_article_words_lang_generation', ['lang', 'generation'], unique=False)

    op.create_table('word_stores',
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('stamp', sa.String(), nullable=False),
    sa.Column('epoch', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_word_stores')),
    sa.UniqueConstraint('lang', name=op.f('uq_word_stores_lang'))
    )
    op.create_table('categories',
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name_ja', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['categories.id'], name=op.f('fk_categories_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories'))
    )
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.create_index('ix_categories_parent_id_position', ['parent_id', 'position'], unique=False)

    op.create_table('synonym_groups',
    sa.Column('expressions', sa.JSON(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_synonym_groups_agent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_synonym_groups'))
    )
    with op.batch_alter_table('synonym_groups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_synonym_groups_updated_at'), ['updated_at'], unique=False)

    op.create_table('article_files',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_article_files_agent_id')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_files_article_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_article_files_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_files'))
    )
    with op.batch_alter_table('article_files', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_files_file_id'), ['file_id'], unique=False)
        batch_op.create_index('uq_article_files_article_id_name', ['article_id', 'name'], unique=True)

    op.create_table('article_links',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('fault', sa.String(), nullable=False),
    sa.Column('checked_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_links_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_links'))
    )
    with op.batch_alter_table('article_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_links_checked_at'), ['checked_at'], unique=False)
        batch_op.create_index('uq_article_links_article_id_address', ['article_id', 'address'], unique=True)

    op.create_table('article_moves',
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_moves_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_moves'))
    )
    with op.batch_alter_table('article_moves', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_moves_article_id'), ['article_id'], unique=False)
        batch_op.create_index('uq_article_moves_lang_slug', ['lang', 'slug'], unique=True)

    op.create_table('article_vectors',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lang', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('text_hash', sa.String(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_vectors_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_vectors'))
    )
    with op.batch_alter_table('article_vectors', schema=None) as batch_op:
        batch_op.create_index('ix_article_vectors_lang_model_generation', ['lang', 'model', 'generation'], unique=False)
        batch_op.create_index('uq_article_vectors_article_id_kind_number', ['article_id', 'kind', 'number'], unique=True)

    op.create_table('learned_questions',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.Column('links', sa.Integer(), nullable=False),
    sa.Column('is_refused', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_learned_questions_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learned_questions'))
    )
    with op.batch_alter_table('learned_questions', schema=None) as batch_op:
        batch_op.create_index('uq_learned_questions_article_id_query', ['article_id', 'query'], unique=True)

    op.create_table('article_origins',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_origins_article_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_article_origins_message_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_article_origins_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_origins'))
    )
    with op.batch_alter_table('article_origins', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_origins_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_article_origins_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('uq_article_origins_article_id_ticket_id', ['article_id', 'ticket_id'], unique=True)

    op.create_table('article_uses',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('message_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_article_uses_agent_id')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_uses_article_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_article_uses_message_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_article_uses_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_uses'))
    )
    with op.batch_alter_table('article_uses', schema=None) as batch_op:
        batch_op.create_index('ix_article_uses_at', ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_article_uses_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_article_uses_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('uq_article_uses_article_id_message_id', ['article_id', 'message_id'], unique=True)

    op.create_table('article_acts',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('act', sa.Enum('published', 'withdrawn', 'archived', 'review-asked', 'sent-back', 'scheduled', 'unscheduled', 'confirmed', 'owned', 'moved', 'caught-up', name='act', native_enum=False, length=40), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_article_acts_agent_id')),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_acts_article_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['revision_id'], ['revisions.id'], name=op.f('fk_article_acts_revision_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_acts'))
    )
    with op.batch_alter_table('article_acts', schema=None) as batch_op:
        batch_op.create_index('ix_article_acts_article_id_at', ['article_id', 'at'], unique=False)

    op.create_table('article_visits',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_article_visits_agent_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_visits_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_visits'))
    )
    with op.batch_alter_table('article_visits', schema=None) as batch_op:
        batch_op.create_index('uq_article_visits_article_id_agent_id', ['article_id', 'agent_id'], unique=True)

    op.create_table('article_sources',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_article_sources_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_sources')),
    sa.UniqueConstraint('article_id', name=op.f('uq_article_sources_article_id'))
    )
    op.create_table('kb_transfers',
    sa.Column('direction', sa.String(length=40), nullable=False),
    sa.Column('progress', sa.String(length=40), nullable=False),
    sa.Column('agent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_kb_transfers_agent_id')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_files.id'], name=op.f('fk_kb_transfers_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kb_transfers'))
    )
    with op.batch_alter_table('kb_transfers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_kb_transfers_created_at'), ['created_at'], unique=False)

    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('note', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.alter_column('note', server_default=None)

    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('category_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('audience', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('position', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('review_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('reviewer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('publish_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('scheduled_revision_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('source_revision_id', sa.Integer(), nullable=True))
        batch_op.drop_index(batch_op.f('ix_articles_status_lang_category'))
        batch_op.create_index(batch_op.f('ix_articles_category_id'), ['category_id'], unique=False)
        batch_op.create_index('ix_articles_publish_at', ['publish_at'], unique=False)
        batch_op.create_index('ix_articles_review_on', ['review_on'], unique=False)
        batch_op.create_index('ix_articles_lang_version', ['lang', 'version'], unique=False)
        batch_op.create_index('ix_articles_status_lang_category_id', ['status', 'lang', 'category_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_articles_category_id'), 'categories', ['category_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_articles_reviewer_id'), 'agents', ['reviewer_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_articles_owner_id'), 'agents', ['owner_id'], ['id'])

    _topics_to_categories()
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_column('category')
        batch_op.alter_column('audience', server_default=None)
        batch_op.alter_column('position', server_default=None)

    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('why', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.alter_column('why', server_default=None)

    with op.batch_alter_table('help_steps', schema=None) as batch_op:
        batch_op.add_column(sa.Column('match', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('place', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_index('ix_help_steps_article_id_at', ['article_id', 'at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_help_steps_ticket_id'), 'tickets', ['ticket_id'], ['id'], ondelete='SET NULL')
    with op.batch_alter_table('help_steps', schema=None) as batch_op:
        batch_op.alter_column('match', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('help_steps', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_help_steps_ticket_id'), type_='foreignkey')
        batch_op.drop_index('ix_help_steps_article_id_at')
        batch_op.drop_column('ticket_id')
        batch_op.drop_column('place')
        batch_op.drop_column('match')

    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('category', sa.String(), nullable=False, server_default=''))
    _categories_to_topics()
    with op.batch_alter_table('articles', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_articles_owner_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_articles_reviewer_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_articles_category_id'), type_='foreignkey')
        batch_op.drop_index('ix_articles_status_lang_category_id')
        batch_op.drop_index('ix_articles_lang_version')
        batch_op.drop_index('ix_articles_review_on')
        batch_op.drop_index('ix_articles_publish_at')
        batch_op.drop_index(batch_op.f('ix_articles_category_id'))
        batch_op.create_index(batch_op.f('ix_articles_status_lang_category'), ['status', 'lang', 'category'], unique=False)
        batch_op.drop_column('source_revision_id')
        batch_op.drop_column('scheduled_revision_id')
        batch_op.drop_column('publish_at')
        batch_op.drop_column('reviewer_id')
        batch_op.drop_column('review_on')
        batch_op.drop_column('owner_id')
        batch_op.drop_column('position')
        batch_op.drop_column('audience')
        batch_op.drop_column('category_id')
        batch_op.alter_column('category', server_default=None)

    with op.batch_alter_table('revisions', schema=None) as batch_op:
        batch_op.drop_column('note')

    with op.batch_alter_table('votes', schema=None) as batch_op:
        batch_op.drop_column('why')

    with op.batch_alter_table('kb_transfers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_kb_transfers_created_at'))

    op.drop_table('kb_transfers')
    op.drop_table('article_sources')

    with op.batch_alter_table('article_visits', schema=None) as batch_op:
        batch_op.drop_index('uq_article_visits_article_id_agent_id')

    op.drop_table('article_visits')
    with op.batch_alter_table('article_acts', schema=None) as batch_op:
        batch_op.drop_index('ix_article_acts_article_id_at')

    op.drop_table('article_acts')
    with op.batch_alter_table('article_uses', schema=None) as batch_op:
        batch_op.drop_index('uq_article_uses_article_id_message_id')
        batch_op.drop_index(batch_op.f('ix_article_uses_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_article_uses_message_id'))
        batch_op.drop_index('ix_article_uses_at')

    op.drop_table('article_uses')
    with op.batch_alter_table('article_origins', schema=None) as batch_op:
        batch_op.drop_index('uq_article_origins_article_id_ticket_id')
        batch_op.drop_index(batch_op.f('ix_article_origins_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_article_origins_message_id'))

    op.drop_table('article_origins')
    with op.batch_alter_table('learned_questions', schema=None) as batch_op:
        batch_op.drop_index('uq_learned_questions_article_id_query')

    op.drop_table('learned_questions')
    with op.batch_alter_table('article_vectors', schema=None) as batch_op:
        batch_op.drop_index('uq_article_vectors_article_id_kind_number')
        batch_op.drop_index('ix_article_vectors_lang_model_generation')

    op.drop_table('article_vectors')
    with op.batch_alter_table('article_moves', schema=None) as batch_op:
        batch_op.drop_index('uq_article_moves_lang_slug')
        batch_op.drop_index(batch_op.f('ix_article_moves_article_id'))

    op.drop_table('article_moves')
    with op.batch_alter_table('article_links', schema=None) as batch_op:
        batch_op.drop_index('uq_article_links_article_id_address')
        batch_op.drop_index(batch_op.f('ix_article_links_checked_at'))

    op.drop_table('article_links')
    with op.batch_alter_table('article_files', schema=None) as batch_op:
        batch_op.drop_index('uq_article_files_article_id_name')
        batch_op.drop_index(batch_op.f('ix_article_files_file_id'))

    op.drop_table('article_files')
    with op.batch_alter_table('synonym_groups', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_synonym_groups_updated_at'))

    op.drop_table('synonym_groups')
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.drop_index('ix_categories_parent_id_position')

    op.drop_table('categories')
    with op.batch_alter_table('article_words', schema=None) as batch_op:
        batch_op.drop_index('ix_article_words_lang_generation')

    op.drop_table('article_words')
    op.drop_table('word_stores')
