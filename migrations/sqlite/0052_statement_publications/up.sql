-- Approvals of editions: each is of everything that was recorded of the edition before it.
CREATE TABLE statement_approvals (
    id           TEXT      NOT NULL PRIMARY KEY,
    edition_id   TEXT      NOT NULL REFERENCES statement_editions (id),
    user_id      TEXT      NOT NULL,
    post         TEXT      NOT NULL,
    capacity     TEXT      NOT NULL,
    clause       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX statement_approvals_edition ON statement_approvals (edition_id, recorded_seq, id);

-- Publishing freezes what an edition was made of: its content, the profile, the snapshots and the files.
CREATE TABLE statement_publications (
    edition_id     TEXT      NOT NULL PRIMARY KEY REFERENCES statement_editions (id),
    published_on   DATE      NOT NULL,
    review_due_on  DATE      NOT NULL,
    content        TEXT      NOT NULL,
    content_sha256 TEXT      NOT NULL,
    profile_code   TEXT      NOT NULL,
    profile        TEXT      NOT NULL,
    profile_sha256 TEXT      NOT NULL,
    code_version   TEXT      NOT NULL,
    withheld       TEXT      NOT NULL,
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL
);

-- The snapshots that a published edition was made from; the warehouse never removes them.
CREATE TABLE statement_snapshots (
    edition_id   TEXT   NOT NULL REFERENCES statement_editions (id),
    snapshot_id  TEXT   NOT NULL,
    recorded_seq BIGINT NOT NULL,
    PRIMARY KEY (edition_id, snapshot_id)
);

-- The finished documents, byte for byte.
CREATE TABLE statement_files (
    edition_id   TEXT   NOT NULL REFERENCES statement_editions (id),
    format       TEXT   NOT NULL CHECK (format IN ('html', 'pdf', 'docx', 'md', 'txt', 'csv', 'json', 'zip')),
    media_type   TEXT   NOT NULL,
    sha256       TEXT   NOT NULL,
    size_bytes   BIGINT NOT NULL,
    bytes        BLOB   NOT NULL,
    recorded_seq BIGINT NOT NULL,
    PRIMARY KEY (edition_id, format)
);

-- History is added to, never changed.
CREATE TRIGGER statement_approvals_no_update BEFORE UPDATE ON statement_approvals BEGIN SELECT RAISE(ABORT, 'statement_approvals is append-only'); END;
CREATE TRIGGER statement_approvals_no_delete BEFORE DELETE ON statement_approvals BEGIN SELECT RAISE(ABORT, 'statement_approvals is append-only'); END;
CREATE TRIGGER statement_publications_no_update BEFORE UPDATE ON statement_publications BEGIN SELECT RAISE(ABORT, 'statement_publications is append-only'); END;
CREATE TRIGGER statement_publications_no_delete BEFORE DELETE ON statement_publications BEGIN SELECT RAISE(ABORT, 'statement_publications is append-only'); END;
CREATE TRIGGER statement_snapshots_no_update BEFORE UPDATE ON statement_snapshots BEGIN SELECT RAISE(ABORT, 'statement_snapshots is append-only'); END;
CREATE TRIGGER statement_snapshots_no_delete BEFORE DELETE ON statement_snapshots BEGIN SELECT RAISE(ABORT, 'statement_snapshots is append-only'); END;
CREATE TRIGGER statement_files_no_update BEFORE UPDATE ON statement_files BEGIN SELECT RAISE(ABORT, 'statement_files is append-only'); END;
CREATE TRIGGER statement_files_no_delete BEFORE DELETE ON statement_files BEGIN SELECT RAISE(ABORT, 'statement_files is append-only'); END;
