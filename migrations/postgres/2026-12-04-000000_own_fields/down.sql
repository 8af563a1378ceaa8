UPDATE views SET group_by = NULL WHERE group_by NOT IN ('project', 'tag', 'category', 'priority', 'due');
ALTER TABLE views ADD CONSTRAINT views_group_by_check
    CHECK (group_by IN ('project', 'tag', 'category', 'priority', 'due'));
DROP TABLE task_fields;
DROP TABLE fields;
