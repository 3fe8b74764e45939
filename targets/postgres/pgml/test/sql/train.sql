-- Training: what it returns, what it keeps, and that it learns.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;

CREATE TABLE line AS
  SELECT (i % 100)::real AS x, (i % 7)::smallint AS noise, (i % 2 = 0) AS even, (i % 100)::bigint * 2 AS y
  FROM generate_series(1, 1000) AS i;

SELECT * FROM pgml.train('line', 'regression', 'line', 'y', algorithm => 'xgboost', hyperparams => '{"n_estimators": 25}');

SELECT name, task FROM pgml.projects;
SELECT relation_name, y_column_name, test_size, test_sampling, columns, train_rows, test_rows FROM pgml.snapshots;
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
SELECT train_rows, test_rows FROM pgml.snapshots ORDER BY id DESC LIMIT 1;
SELECT * FROM pgml.train('split', 'regression', 'line', 'y', test_size => 0);
SELECT train_rows, test_rows, metrics FROM pgml.snapshots s JOIN pgml.models m ON m.snapshot_id = s.id ORDER BY s.id DESC LIMIT 1;

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

-- Missing features are learned from, as XGBoost does.
CREATE TABLE holes AS SELECT CASE WHEN i % 2 = 0 THEN i % 10 END AS x, CASE WHEN i % 2 = 0 THEN 5 ELSE 50 END AS y
FROM generate_series(1, 400) AS i;
SELECT * FROM pgml.train('holes', 'regression', 'holes', 'y', hyperparams => '{"n_estimators": 50}');
SELECT round(pgml.predict('holes', ARRAY[NULL]::real[])) AS missing, round(pgml.predict('holes', '{NaN}')) AS nan,
  round(pgml.predict('holes', '{4}')) AS known;

DROP EXTENSION pgml CASCADE;
DROP TABLE line, holes CASCADE;
DROP SCHEMA "odd schema" CASCADE;
