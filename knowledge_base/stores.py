"""What is worked out of articles and kept in the database, where several machines share it. A cache."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import Model


class WordStore(Model):
    """The state of a language's `ArticleWords`. Who writes them moves its generation on and so locks it."""

    __tablename__ = "word_stores"

    lang: Mapped[str] = mapped_column(unique=True)
    generation: Mapped[int] = mapped_column(BigInteger)
    # What the words depend on (`words.stamp`).
    stamp: Mapped[str]
    # Another one with every making anew: what was read of one before it counts no more.
    epoch: Mapped[str]


class ArticleWords(Model):
    """The words of an article as the search counts them, for machines that share no folder."""

    __tablename__ = "article_words"
    __table_args__ = (Index("ix_article_words_lang_generation", "lang", "generation"),)

    # Not a foreign key: readers must learn of an article that is gone.
    article_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    lang: Mapped[str]
    # Of the language's store when it was written: readers fetch what is newer than what they have.
    generation: Mapped[int] = mapped_column(BigInteger)
    # The article's, whose words these are.
    version: Mapped[int]
    # Compressed; empty where the article is gone.
    words: Mapped[bytes] = mapped_column(LargeBinary)


class ArticleVector(Model):
    """The meaning of a piece of an article as numbers, for the semantic search."""

    __tablename__ = "article_vectors"
    __table_args__ = (
        Index("uq_article_vectors_article_id_kind_number", "article_id", "kind", "number", unique=True),
        Index("ix_article_vectors_lang_model_generation", "lang", "model", "generation"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    lang: Mapped[str]
    # title, or text with the number of its piece.
    kind: Mapped[str]
    number: Mapped[int] = mapped_column(default=0)
    # The model and its version; other models' vectors cannot be compared.
    model: Mapped[str]
    # Grows with every writing, for all pieces of an article alike: readers fetch what is newer.
    generation: Mapped[int] = mapped_column(BigInteger)
    # Of the text it was made of: what has not changed is not made again.
    text_hash: Mapped[str]
    # float32, little-endian, of length one.
    vector: Mapped[bytes] = mapped_column(LargeBinary)
