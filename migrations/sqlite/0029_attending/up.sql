-- Senior managers attend a panel for their post and are no members of it. SQLite cannot change a CHECK: the table is made anew, with every
-- row as it was.
CREATE TABLE panel_attendances_anew (
    id           TEXT      NOT NULL PRIMARY KEY,
    panel_id     TEXT      NOT NULL REFERENCES panels (id),
    member_id    TEXT      NOT NULL REFERENCES panel_members (id),
    version      BIGINT    NOT NULL CHECK (version >= 1),
    attendance   TEXT      NOT NULL CHECK (attendance IN ('chair', 'deputy_chair', 'member', 'attending', 'absent')),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (panel_id, member_id, version)
);
INSERT INTO panel_attendances_anew (id, panel_id, member_id, version, attendance, recorded_by, recorded_at, recorded_seq)
SELECT id, panel_id, member_id, version, attendance, recorded_by, recorded_at, recorded_seq
FROM panel_attendances;
DROP TABLE panel_attendances;
ALTER TABLE panel_attendances_anew RENAME TO panel_attendances;
CREATE TRIGGER panel_attendances_no_update BEFORE UPDATE ON panel_attendances BEGIN SELECT RAISE(ABORT, 'panel_attendances is append-only'); END;
CREATE TRIGGER panel_attendances_no_delete BEFORE DELETE ON panel_attendances BEGIN SELECT RAISE(ABORT, 'panel_attendances is append-only'); END;
