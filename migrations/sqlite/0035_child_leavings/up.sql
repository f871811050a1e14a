-- That a child leaves the service, and a row that takes that back. Why is one of four words: no cause, no place.
CREATE TABLE child_leavings (
    id           TEXT      NOT NULL PRIMARY KEY,
    child_id     TEXT      NOT NULL REFERENCES children (id),
    reason       TEXT      NOT NULL CHECK (reason IN ('moved', 'died', 'came_of_age', 'other')),
    -- The first day without support.
    left_on      DATE      NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES child_leavings (id),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX child_leavings_recorded ON child_leavings (recorded_seq, id);
CREATE INDEX child_leavings_child ON child_leavings (child_id, recorded_seq, id);

-- The versions of package lines that a leaving made, and those that its reversal made: what each of the latter gives back.
CREATE TABLE child_leaving_lines (
    id           TEXT      NOT NULL PRIMARY KEY,
    leaving_id   TEXT      NOT NULL REFERENCES child_leavings (id),
    line_id      TEXT      NOT NULL,
    version      BIGINT    NOT NULL CHECK (version >= 1),
    gives_back_line_id TEXT,
    gives_back_version BIGINT,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (leaving_id, line_id),
    UNIQUE (line_id, version),
    CHECK ((gives_back_line_id IS NULL) = (gives_back_version IS NULL))
);
CREATE INDEX child_leaving_lines_recorded ON child_leaving_lines (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER child_leavings_no_update BEFORE UPDATE ON child_leavings BEGIN SELECT RAISE(ABORT, 'child_leavings is append-only'); END;
CREATE TRIGGER child_leavings_no_delete BEFORE DELETE ON child_leavings BEGIN SELECT RAISE(ABORT, 'child_leavings is append-only'); END;
CREATE TRIGGER child_leaving_lines_no_update BEFORE UPDATE ON child_leaving_lines BEGIN SELECT RAISE(ABORT, 'child_leaving_lines is append-only'); END;
CREATE TRIGGER child_leaving_lines_no_delete BEFORE DELETE ON child_leaving_lines BEGIN SELECT RAISE(ABORT, 'child_leaving_lines is append-only'); END;
