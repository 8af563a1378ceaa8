DROP TABLE templates;
DROP TABLE views;
