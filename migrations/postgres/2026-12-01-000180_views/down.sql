DROP TABLE column_choices;
DROP TABLE default_views;
DROP TABLE views;
