-- A number, and a line, are on one order that stands; a cancelled one frees both. So neither is unique among all that were recorded.
ALTER TABLE purchase_orders DROP CONSTRAINT purchase_orders_number_key;
ALTER TABLE purchase_order_lines DROP CONSTRAINT purchase_order_lines_line_id_key;
-- The cancelled order that it stands in the place of.
ALTER TABLE purchase_orders ADD COLUMN corrects_id TEXT REFERENCES purchase_orders (id);
-- The first day on which the order's provider provides it; null of those recorded before: from the first on.
ALTER TABLE purchase_order_lines ADD COLUMN covers_from DATE;
CREATE INDEX purchase_orders_number ON purchase_orders (number, id);
CREATE UNIQUE INDEX purchase_orders_corrects_id_key ON purchase_orders (corrects_id);
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
CREATE TRIGGER purchase_order_cancellations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_order_cancellations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
