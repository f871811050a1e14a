-- Whom paperwork names as assessor, coster or presenter says by their own log-in that it is so, of one revision.
CREATE TABLE request_own_parts (
    id           TEXT      NOT NULL PRIMARY KEY,
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    revision     BIGINT    NOT NULL CHECK (revision >= 1),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (request_id, revision, recorded_by)
);
CREATE INDEX request_own_parts_recorded ON request_own_parts (recorded_seq, id);
-- One assessment may carry one request.
CREATE INDEX request_revisions_assessment ON request_revisions (assessment_id, request_id, revision);

-- The person who answers for a tool: what the tool recorded counts as theirs. Null of those added before.
ALTER TABLE api_clients ADD COLUMN owner_id TEXT REFERENCES users (id);

-- History is added to, never changed.
CREATE TRIGGER request_own_parts_no_update BEFORE UPDATE ON request_own_parts BEGIN SELECT RAISE(ABORT, 'request_own_parts is append-only'); END;
CREATE TRIGGER request_own_parts_no_delete BEFORE DELETE ON request_own_parts BEGIN SELECT RAISE(ABORT, 'request_own_parts is append-only'); END;
