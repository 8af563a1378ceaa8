DROP TABLE templates;
DROP TABLE views;

PRAGMA user_version = 7;
