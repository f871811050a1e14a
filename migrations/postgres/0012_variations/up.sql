-- Rates of a provider or a service raised at once: what was asked for, and how many lines it raised.
CREATE TABLE upratings (
    id                         TEXT      NOT NULL PRIMARY KEY,
    provider_id                TEXT      REFERENCES providers (id),
    service                    TEXT,
    valid_from                 DATE      NOT NULL,
    -- In ten-thousandths of one per cent, or else the new rate in ten-thousandths of a pound.
    percentage_ten_thousandths BIGINT,
    unit_rate_ten_thousandths  BIGINT    CHECK (unit_rate_ten_thousandths >= 0),
    lines                      BIGINT    NOT NULL CHECK (lines > 0),
    full_year_before_pence     BIGINT    NOT NULL,
    full_year_after_pence      BIGINT    NOT NULL,
    -- Of the preview that was looked at before.
    preview_sha256             TEXT      NOT NULL,
    reason                     TEXT      NOT NULL,
    recorded_by                TEXT      NOT NULL,
    recorded_at                TIMESTAMP NOT NULL,
    recorded_seq               BIGINT    NOT NULL,
    CHECK (provider_id IS NOT NULL OR service IS NOT NULL),
    CHECK ((percentage_ten_thousandths IS NULL) <> (unit_rate_ten_thousandths IS NULL))
);
CREATE INDEX upratings_recorded ON upratings (recorded_seq, id);
CREATE INDEX upratings_from ON upratings (valid_from, id);

CREATE TABLE package_variations (
    id                        TEXT      NOT NULL PRIMARY KEY,
    package_id                TEXT      NOT NULL REFERENCES packages (id),
    -- The line varied, and the version that was looked at: a later one makes the variation void.
    line_id                   TEXT      NOT NULL,
    line_version              BIGINT    NOT NULL CHECK (line_version >= 1),
    -- The first line of its arrangement.
    arrangement_id            TEXT      NOT NULL,
    kind                      TEXT      NOT NULL CHECK (kind IN ('increase', 'decrease', 'rate', 'provider', 'suspension', 'end',
                                                'extension', 'correction', 'uprating')),
    valid_from                DATE      NOT NULL,
    -- The first day after a change for a time; of an extension or a correction the line's end.
    valid_to                  DATE,
    -- The new terms; null, as before.
    quantity_thousandths      BIGINT    CHECK (quantity_thousandths > 0),
    frequency                 TEXT      CHECK (frequency IN ('weekly', 'fortnightly', 'four_weekly', 'monthly', 'term_time_weeks',
                                                'holiday_weeks', 'per_year', 'one_off')),
    unit_rate_ten_thousandths BIGINT    CHECK (unit_rate_ten_thousandths >= 0),
    provider_id               TEXT      REFERENCES providers (id),
    basis                     TEXT      NOT NULL CHECK (basis IN ('request_line', 'agreement', 'uprating')),
    request_line_id           TEXT      REFERENCES request_lines (id),
    uprating_id               TEXT      REFERENCES upratings (id),
    -- The child's total care package when it was recorded, in a full year, and the posts responsible for it.
    total_before_pence        BIGINT    NOT NULL,
    total_after_pence         BIGINT    NOT NULL,
    tier_before               TEXT,
    tier_after                TEXT,
    reason                    TEXT      NOT NULL,
    recorded_by               TEXT      NOT NULL,
    recorded_at               TIMESTAMP NOT NULL,
    recorded_seq              BIGINT    NOT NULL,
    CHECK (valid_to IS NULL OR valid_to > valid_from),
    CHECK ((basis = 'request_line') = (request_line_id IS NOT NULL)),
    CHECK ((basis = 'uprating') = (uprating_id IS NOT NULL))
);
CREATE INDEX package_variations_recorded ON package_variations (recorded_seq, id);
CREATE INDEX package_variations_package ON package_variations (package_id, recorded_seq, id);
CREATE INDEX package_variations_arrangement ON package_variations (arrangement_id, recorded_seq, id);
CREATE INDEX package_variations_uprating ON package_variations (uprating_id, recorded_seq, id);

-- What became of a variation: one step, since each of them is its last.
CREATE TABLE package_variation_steps (
    id                 TEXT      NOT NULL PRIMARY KEY,
    variation_id       TEXT      NOT NULL UNIQUE REFERENCES package_variations (id),
    -- The number of the write that recorded the variation, by which lists go.
    variation_seq      BIGINT    NOT NULL,
    state              TEXT      NOT NULL CHECK (state IN ('agreed', 'refused', 'withdrawn')),
    taken_on           DATE      NOT NULL,
    -- The post that agreed it and the rule by which it may; null where no post was asked for.
    post               TEXT,
    capacity           TEXT      CHECK (capacity IN ('holder', 'deputy')),
    clause             TEXT,
    -- As tested on the day; null where nothing was.
    total_before_pence BIGINT,
    total_after_pence  BIGINT,
    explanation        TEXT,
    reason             TEXT,
    recorded_by        TEXT      NOT NULL,
    recorded_at        TIMESTAMP NOT NULL,
    recorded_seq       BIGINT    NOT NULL
);
CREATE INDEX package_variation_steps_state ON package_variation_steps (state, variation_seq, variation_id);
CREATE INDEX package_variation_steps_recorded ON package_variation_steps (recorded_seq, id);

-- What is still to be agreed: a variation leaves with its step.
CREATE TABLE open_package_variations (
    variation_id  TEXT   NOT NULL PRIMARY KEY REFERENCES package_variations (id),
    package_id    TEXT   NOT NULL REFERENCES packages (id),
    variation_seq BIGINT NOT NULL
);
CREATE INDEX open_package_variations_recorded ON open_package_variations (variation_seq, variation_id);
CREATE INDEX open_package_variations_package ON open_package_variations (package_id, variation_seq, variation_id);

-- What a variation made, and which lines a rise of rates is for.
CREATE INDEX package_lines_variation ON package_lines (variation_id, line_id);
CREATE INDEX package_lines_provider ON package_lines (provider_id, line_id);
CREATE INDEX package_lines_service ON package_lines (service, line_id);

-- History is added to, never changed.
CREATE TRIGGER upratings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON upratings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER package_variations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON package_variations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER package_variation_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON package_variation_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
