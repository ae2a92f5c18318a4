"""The store's tables; how they came to be is in staffing.store.migrations."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

VERSION = Table(
    "staffcast_version", METADATA, Column("version", Integer, nullable=False)
)

PLANS = Table(
    "staffcast_plans",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("kept_at", Text, nullable=False),  # ISO 8601, UTC
    Column("published_at", Text),  # the same; NULL: a draft
)

FILES = Table(
    "staffcast_files",
    METADATA,
    Column("plan_id", Integer, ForeignKey(PLANS.c.id), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
