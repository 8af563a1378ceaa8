-- == Settings of an account ==

-- == Delivery ==

-- == Accounts, addresses and quotas ==

-- == Jobs and runs ==

-- == Leases and zones ==

-- == Files and search ==

SELECT 1;
