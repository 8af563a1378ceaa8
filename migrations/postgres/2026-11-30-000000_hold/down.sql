-- == Settings of an account ==

-- == Delivery ==

-- == Accounts, addresses and quotas ==

-- == Jobs and runs ==

-- == Leases and zones ==

-- == Backups ==

DROP TABLE restores;
DROP TABLE backup_duties;

-- == Files and search ==

SELECT 1;
