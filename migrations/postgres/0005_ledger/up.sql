CREATE TABLE ledger_files (
    id              TEXT      NOT NULL PRIMARY KEY,
    -- The mapping's name for the ledger the file is from: lines are the same line only within one source.
    source          TEXT      NOT NULL,
    file_name       TEXT      NOT NULL,
    sha256          TEXT      NOT NULL,
    -- The same file under a changed mapping is read again: it may have rules it had not.
    mapping_sha256  TEXT      NOT NULL,
    lines_read      BIGINT    NOT NULL,
    blank           BIGINT    NOT NULL,
    matched         BIGINT    NOT NULL,
    kept_out        BIGINT    NOT NULL,
    already_present BIGINT    NOT NULL,
    rounded         BIGINT    NOT NULL,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL,
    UNIQUE (source, sha256, mapping_sha256)
);

CREATE TABLE ledger_entries (
    id           TEXT      NOT NULL PRIMARY KEY,
    source       TEXT      NOT NULL,
    file_id      TEXT      REFERENCES ledger_files (id),
    line_number  BIGINT,
    -- SHA-256 of what identifies the line, and its turn among equal lines of one file.
    line_hash    TEXT      NOT NULL,
    occurrence   BIGINT    NOT NULL,
    posted_on    DATE      NOT NULL,
    year         TEXT      NOT NULL REFERENCES financial_years (year),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    provider_id  TEXT      REFERENCES providers (id),
    -- The finance system's own number for the transaction; never a payee.
    reference    TEXT,
    -- Credits are negative.
    amount_pence BIGINT    NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES ledger_entries (id),
    -- The entry whose wrong coding this one puts right, beside the reversal.
    recodes_id   TEXT      UNIQUE REFERENCES ledger_entries (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (source, line_hash, occurrence)
);
CREATE INDEX ledger_entries_recorded ON ledger_entries (recorded_seq, id);
CREATE INDEX ledger_entries_year ON ledger_entries (year, budget_line, recorded_seq, id);
CREATE INDEX ledger_entries_file ON ledger_entries (file_id, recorded_seq, id);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX ledger_files_recorded ON ledger_files (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER ledger_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
