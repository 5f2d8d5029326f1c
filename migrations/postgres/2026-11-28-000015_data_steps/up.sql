-- Steps of `src/db/data_steps` that ran already: each changes data once, by rules that the program knows and SQL does not.
CREATE TABLE data_steps (
    name text PRIMARY KEY
);
