-- What the public is told of a provider, every version of it. No person is named: the organisation's own telephone, e-mail and page.
CREATE TABLE provider_public_entries (
    id             TEXT      NOT NULL PRIMARY KEY,
    entry_id       TEXT      NOT NULL,
    version        BIGINT    NOT NULL,
    provider_id    TEXT      NOT NULL REFERENCES providers (id),
    kind           TEXT      NOT NULL CHECK (kind IN ('day_care_at_home', 'day_care_elsewhere', 'overnight_at_home', 'overnight_elsewhere', 'educational_or_leisure', 'evenings_weekends_holidays')),
    offer          TEXT      NOT NULL,
    phone          TEXT,
    email          TEXT,
    link           TEXT,
    from_age_years BIGINT,
    to_age_years   BIGINT,
    valid_from     DATE      NOT NULL,
    valid_to       DATE,
    reason         TEXT      NOT NULL,
    recorded_by    TEXT      NOT NULL,
    recorded_at    TIMESTAMP NOT NULL,
    recorded_seq   BIGINT    NOT NULL,
    CONSTRAINT provider_public_entries_version_key UNIQUE (entry_id, version)
);
CREATE INDEX provider_public_entries_provider ON provider_public_entries (provider_id, recorded_seq, id);
CREATE INDEX provider_public_entries_recorded ON provider_public_entries (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER provider_public_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON provider_public_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
