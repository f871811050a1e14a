-- Editions that never go out: the year may begin another.
CREATE TABLE statement_withdrawals (
    edition_id   TEXT      NOT NULL PRIMARY KEY REFERENCES statement_editions (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- Consultations that were recorded wrongly: they are not printed, and count for nothing.
CREATE TABLE statement_consultation_reversals (
    consultation_id TEXT      NOT NULL PRIMARY KEY REFERENCES statement_consultations (id),
    edition_id      TEXT      NOT NULL REFERENCES statement_editions (id),
    reason          TEXT      NOT NULL,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL
);
CREATE INDEX statement_consultation_reversals_edition ON statement_consultation_reversals (edition_id, recorded_seq);

-- What a correction says that it changed, every version after the one it began with, which is the first.
CREATE TABLE statement_what_changed (
    id           TEXT      NOT NULL PRIMARY KEY,
    edition_id   TEXT      NOT NULL REFERENCES statement_editions (id),
    version      BIGINT    NOT NULL,
    what_changed TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CONSTRAINT statement_what_changed_version_key UNIQUE (edition_id, version)
);

-- What an approval is of: the snapshot that its figures are from, and the digest of everything else that is printed.
ALTER TABLE statement_approvals ADD COLUMN snapshot_id TEXT;
ALTER TABLE statement_approvals ADD COLUMN prints_sha256 TEXT;

-- History is added to, never changed.
CREATE TRIGGER statement_withdrawals_no_update BEFORE UPDATE ON statement_withdrawals BEGIN SELECT RAISE(ABORT, 'statement_withdrawals is append-only'); END;
CREATE TRIGGER statement_withdrawals_no_delete BEFORE DELETE ON statement_withdrawals BEGIN SELECT RAISE(ABORT, 'statement_withdrawals is append-only'); END;
CREATE TRIGGER statement_consultation_reversals_no_update BEFORE UPDATE ON statement_consultation_reversals BEGIN SELECT RAISE(ABORT, 'statement_consultation_reversals is append-only'); END;
CREATE TRIGGER statement_consultation_reversals_no_delete BEFORE DELETE ON statement_consultation_reversals BEGIN SELECT RAISE(ABORT, 'statement_consultation_reversals is append-only'); END;
CREATE TRIGGER statement_what_changed_no_update BEFORE UPDATE ON statement_what_changed BEGIN SELECT RAISE(ABORT, 'statement_what_changed is append-only'); END;
CREATE TRIGGER statement_what_changed_no_delete BEFORE DELETE ON statement_what_changed BEGIN SELECT RAISE(ABORT, 'statement_what_changed is append-only'); END;
