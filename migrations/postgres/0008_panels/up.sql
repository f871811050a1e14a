CREATE TABLE panels (
    id            TEXT      NOT NULL PRIMARY KEY,
    held_on       DATE      NOT NULL,
    -- HH:MM, local time.
    starts_at     TEXT      NOT NULL,
    slots         BIGINT    NOT NULL CHECK (slots BETWEEN 1 AND 100),
    slot_minutes  BIGINT    NOT NULL CHECK (slot_minutes BETWEEN 1 AND 480),
    -- The last day on which a request can be put on the agenda.
    papers_due_on DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX panels_held ON panels (held_on, id);

CREATE TABLE panel_cancellations (
    panel_id     TEXT      NOT NULL PRIMARY KEY REFERENCES panels (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- A seat: a role of the profile, a job title, and the account of whoever has one. No names.
CREATE TABLE panel_members (
    id           TEXT      NOT NULL PRIMARY KEY,
    role         TEXT      NOT NULL,
    title        TEXT      NOT NULL,
    user_id      TEXT      REFERENCES users (id),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

CREATE TABLE panel_signatures (
    id           TEXT      NOT NULL PRIMARY KEY,
    member_id    TEXT      NOT NULL REFERENCES panel_members (id),
    document     TEXT      NOT NULL CHECK (document IN ('terms_of_reference', 'confidentiality')),
    signed_on    DATE      NOT NULL,
    -- The first day on which it no longer counts.
    expires_on   DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (expires_on > signed_on)
);
CREATE INDEX panel_signatures_member ON panel_signatures (member_id, document, expires_on);

-- Who was there. The last version counts.
CREATE TABLE panel_attendances (
    id           TEXT      NOT NULL PRIMARY KEY,
    panel_id     TEXT      NOT NULL REFERENCES panels (id),
    member_id    TEXT      NOT NULL REFERENCES panel_members (id),
    version      BIGINT    NOT NULL CHECK (version >= 1),
    attendance   TEXT      NOT NULL CHECK (attendance IN ('chair', 'deputy_chair', 'member', 'absent')),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (panel_id, member_id, version)
);

CREATE TABLE panel_bookings (
    id           TEXT      NOT NULL PRIMARY KEY,
    panel_id     TEXT      NOT NULL REFERENCES panels (id),
    slot         BIGINT    NOT NULL CHECK (slot >= 1),
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    -- 1 the first time the request is on an agenda, 2 the next.
    hearing      BIGINT    NOT NULL CHECK (hearing >= 1),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (request_id, hearing)
);
CREATE INDEX panel_bookings_panel ON panel_bookings (panel_id, slot);

CREATE TABLE panel_booking_releases (
    booking_id   TEXT      NOT NULL PRIMARY KEY REFERENCES panel_bookings (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- Whoever declares an interest in a request stands down for it.
CREATE TABLE declared_interests (
    id           TEXT      NOT NULL PRIMARY KEY,
    request_id   TEXT      NOT NULL REFERENCES requests (id),
    member_id    TEXT      REFERENCES panel_members (id),
    user_id      TEXT      REFERENCES users (id),
    nature       TEXT      NOT NULL CHECK (nature IN ('knows_family', 'colleague', 'provider', 'other')),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (member_id IS NOT NULL OR user_id IS NOT NULL)
);
CREATE INDEX declared_interests_request ON declared_interests (request_id);

-- An interest that was declared by mistake rules nobody out from here on.
CREATE TABLE declared_interest_reversals (
    interest_id  TEXT      NOT NULL PRIMARY KEY REFERENCES declared_interests (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- What was said apart from the items. The last number counts.
CREATE TABLE panel_notes (
    id           TEXT      NOT NULL PRIMARY KEY,
    panel_id     TEXT      NOT NULL REFERENCES panels (id),
    number       BIGINT    NOT NULL CHECK (number >= 1),
    notes        TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    UNIQUE (panel_id, number)
);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX panels_recorded ON panels (recorded_seq, id);
CREATE INDEX panel_members_recorded ON panel_members (recorded_seq, id);
CREATE INDEX declared_interests_recorded ON declared_interests (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER panels_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panels FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_cancellations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_cancellations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_members_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_members FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_signatures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_signatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_attendances_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_attendances FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_bookings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_bookings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_booking_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_booking_releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER declared_interests_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON declared_interests FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER declared_interest_reversals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON declared_interest_reversals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER panel_notes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON panel_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
