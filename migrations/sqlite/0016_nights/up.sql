-- Nights away from home. A stay is a row of versions: booked, stayed, cancelled or taken back; the last one counts.
CREATE TABLE night_bookings (
    id           TEXT      NOT NULL PRIMARY KEY,
    -- The id of the first version, the same for all of them.
    stay_id      TEXT      NOT NULL,
    version      BIGINT    NOT NULL CHECK (version >= 1),
    child_id     TEXT      NOT NULL REFERENCES children (id),
    -- The setting.
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    -- The package line that pays for it, where that is known.
    line_id      TEXT,
    first_night  DATE      NOT NULL,
    -- The last night itself: the child goes home on the day after it.
    last_night   DATE      NOT NULL,
    state        TEXT      NOT NULL CHECK (state IN ('booked', 'stayed', 'cancelled', 'reversed')),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (stay_id, version),
    CHECK (last_night >= first_night)
);
CREATE INDEX night_bookings_recorded ON night_bookings (recorded_seq, id);
CREATE INDEX night_bookings_child ON night_bookings (child_id, recorded_seq, id);
CREATE INDEX night_bookings_provider ON night_bookings (provider_id, recorded_seq, id);
-- Who has been away lately, or will be.
CREATE INDEX night_bookings_last_night ON night_bookings (last_night, child_id);

-- A limit that a version of a stay passed, with the counts as they were when it was recorded.
CREATE TABLE night_passings (
    id           TEXT      NOT NULL PRIMARY KEY,
    stay_id      TEXT      NOT NULL,
    -- The version of the stay.
    booking_id   TEXT      NOT NULL REFERENCES night_bookings (id),
    child_id     TEXT      NOT NULL REFERENCES children (id),
    limit_kind   TEXT      NOT NULL CHECK (limit_kind IN ('rolling', 'single_stay')),
    -- The setting whose nights were counted; null, those of all settings together.
    provider_id  TEXT      REFERENCES providers (id),
    most         BIGINT    NOT NULL CHECK (most >= 0),
    counted      BIGINT    NOT NULL,
    -- The first night, or day, above the limit.
    passed_on    DATE      NOT NULL,
    clause       TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (counted > most)
);
CREATE INDEX night_passings_recorded ON night_passings (recorded_seq, id);
CREATE INDEX night_passings_stay ON night_passings (stay_id, recorded_seq, id);

-- A post's word that a limit is passed knowingly.
CREATE TABLE night_acknowledgements (
    id              TEXT      NOT NULL PRIMARY KEY,
    passing_id      TEXT      NOT NULL UNIQUE REFERENCES night_passings (id),
    user_id         TEXT      NOT NULL REFERENCES users (id),
    post            TEXT      NOT NULL,
    capacity        TEXT      NOT NULL CHECK (capacity IN ('holder', 'deputy')),
    acknowledged_on DATE      NOT NULL,
    clause          TEXT      NOT NULL,
    reason          TEXT      NOT NULL,
    recorded_by     TEXT      NOT NULL,
    recorded_at     TIMESTAMP NOT NULL,
    recorded_seq    BIGINT    NOT NULL
);
CREATE INDEX night_acknowledgements_recorded ON night_acknowledgements (recorded_seq, id);

-- What is still to be done: rows go when the work is on record.
CREATE TABLE stays_to_confirm (
    stay_id      TEXT      NOT NULL PRIMARY KEY,
    last_night   DATE      NOT NULL
);
CREATE INDEX stays_to_confirm_last_night ON stays_to_confirm (last_night, stay_id);
CREATE TABLE open_night_passings (
    passing_id   TEXT      NOT NULL PRIMARY KEY REFERENCES night_passings (id),
    stay_id      TEXT      NOT NULL,
    child_id     TEXT      NOT NULL
);
CREATE INDEX open_night_passings_stay ON open_night_passings (stay_id, passing_id);
CREATE INDEX open_night_passings_child ON open_night_passings (child_id, passing_id);

-- History is added to, never changed.
CREATE TRIGGER night_bookings_no_update BEFORE UPDATE ON night_bookings BEGIN SELECT RAISE(ABORT, 'night_bookings is append-only'); END;
CREATE TRIGGER night_bookings_no_delete BEFORE DELETE ON night_bookings BEGIN SELECT RAISE(ABORT, 'night_bookings is append-only'); END;
CREATE TRIGGER night_passings_no_update BEFORE UPDATE ON night_passings BEGIN SELECT RAISE(ABORT, 'night_passings is append-only'); END;
CREATE TRIGGER night_passings_no_delete BEFORE DELETE ON night_passings BEGIN SELECT RAISE(ABORT, 'night_passings is append-only'); END;
CREATE TRIGGER night_acknowledgements_no_update BEFORE UPDATE ON night_acknowledgements BEGIN SELECT RAISE(ABORT, 'night_acknowledgements is append-only'); END;
CREATE TRIGGER night_acknowledgements_no_delete BEFORE DELETE ON night_acknowledgements BEGIN SELECT RAISE(ABORT, 'night_acknowledgements is append-only'); END;
