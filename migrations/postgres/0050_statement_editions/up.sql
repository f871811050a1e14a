-- Editions of the Short Breaks Service Statement. One edition of a year is under way at a time; a published one never changes, and a
-- correction is a new edition that names the one it corrects.
CREATE TABLE statement_editions (
    id             TEXT      NOT NULL PRIMARY KEY,
    financial_year TEXT      NOT NULL,
    number         BIGINT    NOT NULL,
    corrects_id    TEXT      REFERENCES statement_editions (id),
    what_changed   TEXT,
    copied_from_id TEXT      REFERENCES statement_editions (id),
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    CONSTRAINT statement_editions_year_number_key UNIQUE (financial_year, number)
);
CREATE INDEX statement_editions_recorded ON statement_editions (recorded_seq, id);

-- A section's text, every version of it.
CREATE TABLE statement_sections (
    id             TEXT      NOT NULL PRIMARY KEY,
    edition_id     TEXT      NOT NULL REFERENCES statement_editions (id),
    section        TEXT      NOT NULL,
    version        BIGINT    NOT NULL,
    markdown       TEXT      NOT NULL,
    copied_from_id TEXT      REFERENCES statement_sections (id),
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    CONSTRAINT statement_sections_version_key UNIQUE (edition_id, section, version)
);

CREATE TABLE statement_consultations (
    id           TEXT      NOT NULL PRIMARY KEY,
    edition_id   TEXT      NOT NULL REFERENCES statement_editions (id),
    with_whom    TEXT      NOT NULL,
    held_on      DATE      NOT NULL,
    what_changed TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX statement_consultations_edition ON statement_consultations (edition_id, recorded_seq, id);

-- What is said of what the Regulations of 2011 require: the last word on each counts.
CREATE TABLE statement_requirements (
    id           TEXT      NOT NULL PRIMARY KEY,
    edition_id   TEXT      NOT NULL REFERENCES statement_editions (id),
    requirement  TEXT      NOT NULL CHECK (requirement IN ('range_of_services', 'eligibility_criteria', 'carers_needs')),
    standing     TEXT      NOT NULL CHECK (standing IN ('met', 'waived', 'open')),
    section      TEXT,
    reason       TEXT,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX statement_requirements_edition ON statement_requirements (edition_id, recorded_seq, id);

-- What becomes of small counts: the last choice counts, and without one they are withheld.
CREATE TABLE statement_disclosures (
    id           TEXT      NOT NULL PRIMARY KEY,
    edition_id   TEXT      NOT NULL REFERENCES statement_editions (id),
    disclosure   TEXT      NOT NULL CHECK (disclosure IN ('withheld', 'as_counted')),
    reason       TEXT      NOT NULL,
    accepts_narrower BOOLEAN NOT NULL DEFAULT FALSE,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX statement_disclosures_edition ON statement_disclosures (edition_id, recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER statement_editions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_editions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_sections_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_sections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_consultations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_consultations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_requirements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_requirements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statement_disclosures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_disclosures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
