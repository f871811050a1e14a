-- A release may be only of what was carried forward: what a funder will never pay of years that are over, while this year's share is still due.
ALTER TABLE commitment_releases ADD COLUMN only_carried BOOLEAN NOT NULL DEFAULT FALSE;
