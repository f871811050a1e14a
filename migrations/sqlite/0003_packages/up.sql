CREATE TABLE providers (
    id           TEXT      NOT NULL PRIMARY KEY,
    code         TEXT      NOT NULL UNIQUE,
    name         TEXT      NOT NULL,
    sector       TEXT      NOT NULL CHECK (sector IN ('own', 'private', 'other_public', 'voluntary')),
    location     TEXT      NOT NULL CHECK (location IN ('in_borough', 'out_of_borough')),
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- No name, no address, no notes: the case management system holds those.
CREATE TABLE children (
    id             TEXT      NOT NULL PRIMARY KEY,
    case_reference TEXT      NOT NULL UNIQUE,
    date_of_birth  DATE      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL
);

CREATE TABLE packages (
    id           TEXT      NOT NULL PRIMARY KEY,
    reference    TEXT      NOT NULL UNIQUE,
    child_id     TEXT      NOT NULL REFERENCES children (id),
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX packages_child ON packages (child_id);

-- Each row is one version of a line: what was believed of it from recorded_at until the next version.
CREATE TABLE package_lines (
    id                         TEXT      NOT NULL PRIMARY KEY,
    -- The id of the line's first version, the same for all of them.
    line_id                    TEXT      NOT NULL,
    version                    BIGINT    NOT NULL CHECK (version >= 1),
    package_id                 TEXT      NOT NULL REFERENCES packages (id),
    service                    TEXT      NOT NULL,
    budget_line                TEXT      NOT NULL REFERENCES budget_lines (code),
    provider_id                TEXT      REFERENCES providers (id),
    statement_category         TEXT,
    unit                       TEXT      NOT NULL CHECK (unit IN ('hour', 'night', 'session', 'day', 'week', 'mile', 'item')),
    quantity_thousandths       BIGINT    NOT NULL CHECK (quantity_thousandths > 0),
    frequency                  TEXT      NOT NULL CHECK (frequency IN ('weekly', 'fortnightly', 'four_weekly', 'monthly',
                                             'term_time_weeks', 'holiday_weeks', 'per_year', 'one_off')),
    unit_rate_ten_thousandths  BIGINT    NOT NULL CHECK (unit_rate_ten_thousandths >= 0),
    valid_from                 DATE      NOT NULL,
    -- The first day on which the line is no longer in force.
    valid_to                   DATE,
    state                      TEXT      NOT NULL CHECK (state IN ('recorded', 'ended', 'reversed')),
    reason                     TEXT      NOT NULL,
    recorded_by                TEXT      NOT NULL,
    recorded_at                TIMESTAMP NOT NULL,
    recorded_seq               BIGINT    NOT NULL,
    UNIQUE (line_id, version),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE INDEX package_lines_package ON package_lines (package_id, line_id);

-- Lists go in the order recorded, a page at the cost of a page.
CREATE INDEX providers_recorded ON providers (recorded_seq, id);
CREATE INDEX children_recorded ON children (recorded_seq, id);
CREATE INDEX packages_recorded ON packages (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER package_lines_no_update BEFORE UPDATE ON package_lines BEGIN SELECT RAISE(ABORT, 'package_lines is append-only'); END;
CREATE TRIGGER package_lines_no_delete BEFORE DELETE ON package_lines BEGIN SELECT RAISE(ABORT, 'package_lines is append-only'); END;
