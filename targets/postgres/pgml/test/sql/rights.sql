-- Everyone may predict; training, deploying and looking into the tables are granted.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_pgml_reader, regress_pgml_trainer;
CREATE EXTENSION pgml;
CREATE ROLE regress_pgml_reader;
CREATE ROLE regress_pgml_trainer;
CREATE TABLE good AS SELECT i AS x, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE secret AS SELECT * FROM good;
SELECT deployed FROM pgml.train('good', 'regression', 'good', 'y');
\c -

SET ROLE regress_pgml_reader;
SELECT pgml.predict('good', ARRAY[5]) IS NOT NULL AS predicts;
SELECT * FROM pgml.models;
SELECT * FROM pgml.train('mine', 'regression', 'good', 'y');
SELECT * FROM pgml.deploy('good', 'most_recent');
SELECT * FROM pgml._fit('good', 'y', false, '{}', 0.25::real, 'last');
-- A search_path of its own changes nothing.
CREATE TEMP TABLE projects (id int, name text);
SET search_path = pg_temp, public;
SELECT pgml.predict('good', ARRAY[5]) IS NOT NULL AS predicts;
RESET search_path;
DROP TABLE pg_temp.projects;
RESET ROLE;

-- What the README says to grant.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgml TO regress_pgml_trainer;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA pgml TO regress_pgml_trainer;
GRANT SELECT ON good TO regress_pgml_trainer;
SET ROLE regress_pgml_trainer;
SELECT deployed FROM pgml.train('mine', 'regression', 'good', 'y');
SELECT strategy FROM pgml.deploy('mine', 'most_recent');
-- The relation is read with the caller's rights.
SELECT * FROM pgml.train('mine', 'regression', 'secret', 'y');
RESET ROLE;

DROP EXTENSION pgml CASCADE;
DROP TABLE good, secret;
DROP ROLE regress_pgml_reader, regress_pgml_trainer;
