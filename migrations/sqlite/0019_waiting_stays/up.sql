-- A booking above a limit waits for its acknowledgement. Where one took place without it: why.
ALTER TABLE night_bookings ADD COLUMN unacknowledged_reason TEXT CHECK (unacknowledged_reason IS NULL OR state = 'stayed');

-- Stays that have come so far, in the order recorded.
CREATE INDEX night_bookings_state ON night_bookings (state, recorded_seq, id);

-- What took place above a limit without the acknowledgement.
CREATE INDEX night_bookings_unacknowledged ON night_bookings (recorded_seq, id) WHERE unacknowledged_reason IS NOT NULL;
