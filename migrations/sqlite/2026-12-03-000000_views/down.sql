DROP TABLE views;

PRAGMA user_version = 6;
