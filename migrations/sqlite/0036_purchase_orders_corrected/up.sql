-- A number, and a line, are on one order that stands; a cancelled one frees both. So neither is unique among all that were recorded.
CREATE TABLE new_purchase_orders (
    id           TEXT      NOT NULL PRIMARY KEY,
    number       TEXT      NOT NULL,
    package_id   TEXT      NOT NULL REFERENCES packages (id),
    provider_id  TEXT      NOT NULL REFERENCES providers (id),
    cost_centre  TEXT      NOT NULL,
    expense_code TEXT      NOT NULL,
    raised_on    DATE      NOT NULL,
    -- The cancelled order that it stands in the place of.
    corrects_id  TEXT      REFERENCES new_purchase_orders (id),
    recorded_by  TEXT      NOT NULL,
    recorded_at  TIMESTAMP NOT NULL,
    recorded_seq BIGINT    NOT NULL
);
CREATE TABLE new_purchase_order_lines (
    id                TEXT      NOT NULL PRIMARY KEY,
    purchase_order_id TEXT      NOT NULL REFERENCES new_purchase_orders (id),
    -- The first line of the arrangement that is ordered.
    line_id           TEXT      NOT NULL,
    -- The first day on which the order's provider provides it; null of those recorded before: from the first on.
    covers_from       DATE,
    recorded_at       TIMESTAMP NOT NULL,
    recorded_seq      BIGINT    NOT NULL
);
INSERT INTO new_purchase_orders
    SELECT id, number, package_id, provider_id, cost_centre, expense_code, raised_on, NULL, recorded_by, recorded_at, recorded_seq FROM purchase_orders;
INSERT INTO new_purchase_order_lines SELECT id, purchase_order_id, line_id, NULL, recorded_at, recorded_seq FROM purchase_order_lines;
DROP TABLE purchase_order_lines;
DROP TABLE purchase_orders;
ALTER TABLE new_purchase_orders RENAME TO purchase_orders;
ALTER TABLE new_purchase_order_lines RENAME TO purchase_order_lines;
CREATE INDEX purchase_orders_number ON purchase_orders (number, id);
CREATE INDEX purchase_orders_recorded ON purchase_orders (recorded_seq, id);
CREATE INDEX purchase_orders_package ON purchase_orders (package_id, recorded_seq, id);
CREATE INDEX purchase_orders_provider ON purchase_orders (provider_id, recorded_seq, id);
CREATE UNIQUE INDEX purchase_orders_corrects_id_key ON purchase_orders (corrects_id);
CREATE INDEX purchase_order_lines_order ON purchase_order_lines (purchase_order_id, line_id);
CREATE INDEX purchase_order_lines_line ON purchase_order_lines (line_id, purchase_order_id);

-- An order that does not stand any more.
CREATE TABLE purchase_order_cancellations (
    id                TEXT      NOT NULL PRIMARY KEY,
    purchase_order_id TEXT      NOT NULL UNIQUE REFERENCES purchase_orders (id),
    reason            TEXT      NOT NULL,
    recorded_by       TEXT      NOT NULL,
    recorded_at       TIMESTAMP NOT NULL,
    recorded_seq      BIGINT    NOT NULL
);
CREATE INDEX purchase_order_cancellations_recorded ON purchase_order_cancellations (recorded_seq, id);

-- History is added to, never changed.
CREATE TRIGGER purchase_orders_no_update BEFORE UPDATE ON purchase_orders BEGIN SELECT RAISE(ABORT, 'purchase_orders is append-only'); END;
CREATE TRIGGER purchase_orders_no_delete BEFORE DELETE ON purchase_orders BEGIN SELECT RAISE(ABORT, 'purchase_orders is append-only'); END;
CREATE TRIGGER purchase_order_lines_no_update BEFORE UPDATE ON purchase_order_lines BEGIN SELECT RAISE(ABORT, 'purchase_order_lines is append-only'); END;
CREATE TRIGGER purchase_order_lines_no_delete BEFORE DELETE ON purchase_order_lines BEGIN SELECT RAISE(ABORT, 'purchase_order_lines is append-only'); END;
CREATE TRIGGER purchase_order_cancellations_no_update BEFORE UPDATE ON purchase_order_cancellations BEGIN SELECT RAISE(ABORT, 'purchase_order_cancellations is append-only'); END;
CREATE TRIGGER purchase_order_cancellations_no_delete BEFORE DELETE ON purchase_order_cancellations BEGIN SELECT RAISE(ABORT, 'purchase_order_cancellations is append-only'); END;
