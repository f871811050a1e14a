-- When the user who answers for a tool accepted that. Owners of tools from before are taken to have.
ALTER TABLE api_clients ADD COLUMN owner_accepted_at TIMESTAMP;
UPDATE api_clients SET owner_accepted_at = recorded_at WHERE owner_id IS NOT NULL;
