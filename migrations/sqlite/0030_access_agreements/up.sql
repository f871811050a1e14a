-- Rights over money need two people: a log-in that one administrator opened, or gave a new password, waits until another agrees.
CREATE TABLE waiting_access (
    subject_id TEXT   NOT NULL PRIMARY KEY,
    subject    TEXT   NOT NULL CHECK (subject IN ('user', 'client')),
    opened_by  TEXT   NOT NULL,
    opened_seq BIGINT NOT NULL
);
CREATE INDEX waiting_access_opened ON waiting_access (opened_seq, subject_id);

CREATE TABLE access_agreements (
    id           TEXT      NOT NULL PRIMARY KEY,
    subject_id   TEXT      NOT NULL,
    subject      TEXT      NOT NULL CHECK (subject IN ('user', 'client')),
    opened_by    TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX access_agreements_recorded ON access_agreements (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER access_agreements_no_update BEFORE UPDATE ON access_agreements BEGIN SELECT RAISE(ABORT, 'access_agreements is append-only'); END;
CREATE TRIGGER access_agreements_no_delete BEFORE DELETE ON access_agreements BEGIN SELECT RAISE(ABORT, 'access_agreements is append-only'); END;
