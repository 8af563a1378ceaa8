-- Older programs cannot read the entries of tasks that were written meanwhile: those are kept without what their columns say.
CREATE INDEX audit_entries_user ON audit_entries (user_id, seq);
CREATE INDEX audit_entries_created ON audit_entries (created_at, seq);
