-- A line that carries an arrangement on after a variation names the arrangement's first line; null, it is the first.
ALTER TABLE package_lines ADD COLUMN continues_line_id TEXT;
-- The variation that made this version; null, none did.
ALTER TABLE package_lines ADD COLUMN variation_id TEXT;
CREATE INDEX package_lines_continues ON package_lines (continues_line_id, line_id);

-- As the finance system writes it; a payment with the number of an order is for that order's lines.
ALTER TABLE ledger_entries ADD COLUMN purchase_order TEXT;

CREATE TABLE purchase_orders (
    id           TEXT      NOT NULL PRIMARY KEY,
    number       TEXT      NOT NULL UNIQUE,
    package_id   TEXT      NOT NULL REFERENCES packages (id),
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    cost_centre  TEXT      NOT NULL,
    expense_code TEXT      NOT NULL,
    raised_on    DATE      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX purchase_orders_recorded ON purchase_orders (recorded_seq, id);
CREATE INDEX purchase_orders_package ON purchase_orders (package_id, recorded_seq, id);
CREATE INDEX purchase_orders_provider ON purchase_orders (provider_id, recorded_seq, id);

CREATE TABLE purchase_order_lines (
    id                TEXT      NOT NULL PRIMARY KEY,
    purchase_order_id TEXT      NOT NULL REFERENCES purchase_orders (id),
    -- The first line of the arrangement that is ordered: an arrangement is on one order.
    line_id           TEXT      NOT NULL UNIQUE,
    recorded_at       TIMESTAMP NOT NULL,
    recorded_seq      BIGINT    NOT NULL
);
CREATE INDEX purchase_order_lines_order ON purchase_order_lines (purchase_order_id, line_id);

-- What a finance officer says a payment is for, where it does not say so itself. A reversal names the row it takes back.
CREATE TABLE ledger_matches (
    id           TEXT      NOT NULL PRIMARY KEY,
    entry_id     TEXT      NOT NULL REFERENCES ledger_entries (id),
    -- The first line of the arrangement that the entry pays; null, it pays none: it is not for a package.
    line_id      TEXT,
    reverses_id  TEXT      UNIQUE REFERENCES ledger_matches (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX ledger_matches_entry ON ledger_matches (entry_id, recorded_seq);
CREATE INDEX ledger_matches_recorded ON ledger_matches (recorded_seq, id);

-- What is not billed for the days before `up_to` will not be: it is committed no longer.
CREATE TABLE commitment_releases (
    id           TEXT      NOT NULL PRIMARY KEY,
    year         TEXT      NOT NULL REFERENCES financial_years (year),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    -- Of one provider's lines, or of one arrangement; neither, of the whole budget line.
    provider_id  TEXT      REFERENCES providers (id),
    line_id      TEXT,
    up_to        DATE      NOT NULL,
    reverses_id  TEXT      UNIQUE REFERENCES commitment_releases (id),
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE INDEX commitment_releases_year ON commitment_releases (year, budget_line, recorded_seq, id);
CREATE INDEX commitment_releases_recorded ON commitment_releases (recorded_seq, id);

-- A year is closed once, and its entries then go to the next that is open.
CREATE TABLE year_closures (
    year         TEXT      NOT NULL PRIMARY KEY REFERENCES financial_years (year),
    closed_on    DATE      NOT NULL,
    reason       TEXT      NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);

-- What was still committed when a year was closed, and stands in the next: one row an arrangement or grant, provider and budget line.
CREATE TABLE commitment_carry_forwards (
    id           TEXT      NOT NULL PRIMARY KEY,
    from_year    TEXT      NOT NULL REFERENCES financial_years (year),
    to_year      TEXT      NOT NULL REFERENCES financial_years (year),
    budget_line  TEXT      NOT NULL REFERENCES budget_lines (code),
    provider_id  TEXT      REFERENCES providers (id),
    -- The first line of an arrangement, or a grant.
    line_id      TEXT,
    grant_id     TEXT      REFERENCES grants (id),
    amount_pence BIGINT    NOT NULL,
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL,
    CHECK (to_year > from_year),
    CHECK ((line_id IS NULL) <> (grant_id IS NULL))
);
CREATE INDEX commitment_carry_forwards_to ON commitment_carry_forwards (to_year, budget_line, recorded_seq, id);
CREATE INDEX commitment_carry_forwards_recorded ON commitment_carry_forwards (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER purchase_orders_no_update BEFORE UPDATE ON purchase_orders BEGIN SELECT RAISE(ABORT, 'purchase_orders is append-only'); END;
CREATE TRIGGER purchase_orders_no_delete BEFORE DELETE ON purchase_orders BEGIN SELECT RAISE(ABORT, 'purchase_orders is append-only'); END;
CREATE TRIGGER purchase_order_lines_no_update BEFORE UPDATE ON purchase_order_lines BEGIN SELECT RAISE(ABORT, 'purchase_order_lines is append-only'); END;
CREATE TRIGGER purchase_order_lines_no_delete BEFORE DELETE ON purchase_order_lines BEGIN SELECT RAISE(ABORT, 'purchase_order_lines is append-only'); END;
CREATE TRIGGER ledger_matches_no_update BEFORE UPDATE ON ledger_matches BEGIN SELECT RAISE(ABORT, 'ledger_matches is append-only'); END;
CREATE TRIGGER ledger_matches_no_delete BEFORE DELETE ON ledger_matches BEGIN SELECT RAISE(ABORT, 'ledger_matches is append-only'); END;
CREATE TRIGGER commitment_releases_no_update BEFORE UPDATE ON commitment_releases BEGIN SELECT RAISE(ABORT, 'commitment_releases is append-only'); END;
CREATE TRIGGER commitment_releases_no_delete BEFORE DELETE ON commitment_releases BEGIN SELECT RAISE(ABORT, 'commitment_releases is append-only'); END;
CREATE TRIGGER year_closures_no_update BEFORE UPDATE ON year_closures BEGIN SELECT RAISE(ABORT, 'year_closures is append-only'); END;
CREATE TRIGGER year_closures_no_delete BEFORE DELETE ON year_closures BEGIN SELECT RAISE(ABORT, 'year_closures is append-only'); END;
CREATE TRIGGER commitment_carry_forwards_no_update BEFORE UPDATE ON commitment_carry_forwards BEGIN SELECT RAISE(ABORT, 'commitment_carry_forwards is append-only'); END;
CREATE TRIGGER commitment_carry_forwards_no_delete BEFORE DELETE ON commitment_carry_forwards BEGIN SELECT RAISE(ABORT, 'commitment_carry_forwards is append-only'); END;
