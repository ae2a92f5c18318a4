CREATE TABLE staffcast_version (version INTEGER NOT NULL)

INSERT INTO staffcast_version VALUES (0)

CREATE TABLE staffcast_plans (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    period TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    kept_at TEXT NOT NULL,
    published_at TEXT
)

CREATE TABLE staffcast_files (
    plan_id INTEGER NOT NULL REFERENCES staffcast_plans (id),
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (plan_id, name)
)
