-- Training: what it returns, what it keeps, and that it learns.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;

CREATE TABLE line AS
  SELECT (i % 100)::real AS x, (i % 7)::smallint AS noise, (i % 2 = 0) AS even, (i % 100)::bigint * 2 AS y
  FROM generate_series(1, 1000) AS i;

SELECT * FROM pgml.train('line', 'regression', 'line', 'y', algorithm => 'xgboost', hyperparams => '{"n_estimators": 25}');

SELECT name, task FROM pgml.projects;
SELECT relation_name, y_column_name, test_size, test_sampling, columns, analysis FROM pgml.snapshots;
SELECT num_features, algorithm, runtime, hyperparams, status FROM pgml.models;
SELECT (metrics ->> 'r2')::float8 > 0.99 AS learned, metrics ? 'mean_absolute_error' AS has_mae,
  metrics ? 'mean_squared_error' AS has_mse FROM pgml.models;
SELECT path, part, length(data) > 1000 AS has_bytes FROM pgml.files;
SELECT name, algorithm, deployed FROM pgml.trained_models;
SELECT name, task, algorithm FROM pgml.deployed_models;
SELECT name, relation_name, deployed_at IS NOT NULL AS deployed FROM pgml.overview;

SELECT abs(pgml.predict('line', ARRAY[x, noise, even::int]::real[]) - y) < 5 AS close, count(*)
FROM line GROUP BY close;

-- The last rows are held out, half a row rounded up.
SELECT * FROM pgml.train('split', 'regression', 'line', 'y', test_size => 0.0005);
SELECT analysis FROM pgml.snapshots ORDER BY id DESC LIMIT 1;
SELECT * FROM pgml.train('split', 'regression', 'line', 'y', test_size => 0);
SELECT analysis, metrics FROM pgml.snapshots s JOIN pgml.models m ON m.snapshot_id = s.id ORDER BY s.id DESC LIMIT 1;

-- The same rows and parameters give the same model.
SELECT * FROM pgml.train('twice', 'regression', 'line', 'y', hyperparams => '{"n_estimators": 5}');
SELECT deployed FROM pgml.train('twice', 'regression', 'line', 'y', hyperparams => '{"n_estimators": 5}');
SELECT count(DISTINCT f.data) FROM pgml.files f JOIN pgml.models m ON m.id = f.model_id JOIN pgml.projects p ON p.id = m.project_id
WHERE p.name = 'twice';

-- A better model is deployed by itself, a worse one is not; a project remembers its relation.
SELECT deployed FROM pgml.train('twice', hyperparams => '{"n_estimators": 50}');
SELECT deployed FROM pgml.train('twice', hyperparams => '{"n_estimators": 1}');
SELECT deployed FROM pgml.train('twice', hyperparams => '{"n_estimators": 60}', automatic_deploy => false);

-- Names that need quotes, a schema, a keyword as a column, a dropped column, a view.
CREATE SCHEMA "odd schema";
CREATE TABLE "odd schema"."select ""; DROP TABLE line; --" ("order" int, gone text, "Y y" float8);
ALTER TABLE "odd schema"."select ""; DROP TABLE line; --" DROP COLUMN gone;
INSERT INTO "odd schema"."select ""; DROP TABLE line; --" SELECT i, i FROM generate_series(1, 100) AS i;
SELECT * FROM pgml.train('it''s "odd"', 'regression', '"odd schema"."select ""; DROP TABLE line; --"', 'Y y');
SELECT columns FROM pgml.snapshots ORDER BY id DESC LIMIT 1;
CREATE VIEW seen AS SELECT x, y FROM line;
SELECT * FROM pgml.train('view', 'regression', 'seen', 'y');

-- Where the relation is found is the caller's search_path's affair, when it is trained again, too.
SET search_path = "odd schema";
CREATE TABLE here AS SELECT i AS x, i AS y FROM pg_catalog.generate_series(1, 100) AS i;
SELECT deployed FROM pgml.train('here', 'regression', 'here', 'y');
SELECT deployed FROM pgml.train('here');
RESET search_path;
SELECT deployed FROM pgml.train('here');
-- A search_path whose objects hide those of the system changes nothing.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.never(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.never);
CREATE FUNCTION hostile.floor(float8) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;
SET search_path = hostile, pg_catalog, public;
SELECT deployed FROM pgml.train('hostile', 'regression', 'line', 'y');
SELECT strategy FROM pgml.deploy('hostile', 'best_score');
SELECT pgml.predict('hostile', ARRAY[1, 2, 0]) IS NOT NULL AS answers;
RESET search_path;

-- Rows are read in the order of the table, not in that of an index that holds all columns: the held-out ones are all 0.
CREATE TABLE ordered AS SELECT i AS x, CASE WHEN i > 25 THEN 1 ELSE 0 END AS y FROM generate_series(100, 1, -1) AS i;
CREATE INDEX ON ordered (x, y);
VACUUM ANALYZE ordered;
SET enable_seqscan = off;
SELECT deployed FROM pgml.train('ordered', 'regression', 'ordered', 'y', hyperparams => '{"base_score": 0.5}');
RESET enable_seqscan;
SELECT round(pgml.predict('ordered', ARRAY[1])) AS never_saw_a_zero;

-- More rows than a batch holds (10,000 with so little memory); 20,001 of them, for the last batch has one row.
SET maintenance_work_mem = '1MB';
CREATE TABLE batches AS SELECT i % 50 AS x, i % 50 AS y FROM generate_series(1, 20001) AS i;
SELECT deployed FROM pgml.train('batches', 'regression', 'batches', 'y', test_size => 0);
RESET maintenance_work_mem;
SELECT round(pgml.predict('batches', ARRAY[40])) AS forty;

-- Every type of number, domains over them, booleans, generated columns, partitions.
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
CREATE TABLE types (a smallint, b integer, c bigint, d real, e double precision, f numeric(9, 2), g boolean, h positive,
                    i integer GENERATED ALWAYS AS (b * 2) STORED, y numeric) PARTITION BY RANGE (b);
CREATE TABLE types_1 PARTITION OF types FOR VALUES FROM (0) TO (50);
CREATE TABLE types_2 PARTITION OF types FOR VALUES FROM (50) TO (1000);
INSERT INTO types (a, b, c, d, e, f, g, h, y) SELECT i, i, i, i, i, i, i % 2 = 0, i, i FROM generate_series(1, 100) AS i;
SELECT deployed FROM pgml.train('types', 'regression', 'types', 'y', test_size => 0);
SELECT num_features FROM pgml.models ORDER BY id DESC LIMIT 1;

-- PostgresML's types and its other name for the rounds.
SELECT deployed FROM pgml.train('cast', 'regression', 'line', 'y', algorithm => 'xgboost'::pgml.algorithm,
  test_sampling => 'last'::pgml.sampling, hyperparams => '{"boost_rounds": 3, "max_depth": 2, "eta": 0.5, "nthread": 1}',
  automatic_deploy => NULL);

-- Missing features are learned from, as XGBoost does.
CREATE TABLE holes AS SELECT CASE WHEN i % 2 = 0 THEN i % 10 END AS x, CASE WHEN i % 2 = 0 THEN 5 ELSE 50 END AS y
FROM generate_series(1, 400) AS i;
SELECT * FROM pgml.train('holes', 'regression', 'holes', 'y', hyperparams => '{"n_estimators": 50}');
SELECT round(pgml.predict('holes', ARRAY[NULL]::real[])) AS missing, round(pgml.predict('holes', '{NaN}'::real[])) AS nan,
  round(pgml.predict('holes', '{4}'::real[])) AS known;

DROP EXTENSION pgml CASCADE;
DROP TABLE line, holes, ordered, batches, types CASCADE;
DROP DOMAIN positive;
DROP SCHEMA hostile CASCADE;
DROP SCHEMA "odd schema" CASCADE;
