-- The setting that says what computes a prediction. (test/sessions/predictor.ts compares the answers with Python's.)
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;
CREATE TABLE line AS
  SELECT CASE WHEN i % 11 <> 0 THEN i % 100 END AS x, i % 7 AS z, (i % 100) * 2 AS y FROM generate_series(1, 1000) AS i;
SELECT deployed FROM pgml.train('line', 'regression', 'line', 'y', hyperparams => '{"n_estimators": 30}');
SELECT pgml.version() IS NOT NULL AS loaded;
SHOW pgml.predictor;
SELECT vartype, context, enumvals FROM pg_settings WHERE name = 'pgml.predictor';

CREATE TEMP TABLE asked AS
  SELECT ARRAY[x, z]::real[] AS features FROM generate_series(-10, 110) AS x, generate_series(-1, 7) AS z
  UNION ALL SELECT features::real[] FROM unnest(ARRAY['{NULL,1}', '{1,NULL}', '{NULL,NULL}', '{NaN,NaN}', '{Infinity,-Infinity}',
    '{-0,1e-45}', '{3e38,-3e38}']) AS features;
CREATE TEMP TABLE plain AS SELECT features, float4send(pgml.predict('line', features)) AS bits FROM asked;
SET pgml.predictor = 'fast';
SELECT count(*), count(DISTINCT bits) > 50 AS vary, count(*) FILTER (WHERE bits <> float4send(pgml.predict('line', features))) AS differ
FROM plain;
SELECT count(*) FILTER (WHERE bits <> float4send(pgml.predict(m.id, features))) AS differ FROM plain, pgml.models m;

-- Features are checked as ever; another deployment is another forest; what is loaded later is fast from the beginning.
SELECT pgml.predict('line', ARRAY[1]);
SELECT deployed FROM pgml.train('line', hyperparams => '{"n_estimators": 60}', automatic_deploy => false);
SELECT strategy FROM pgml.deploy('line', 'most_recent');
SELECT count(*) FILTER (WHERE bits <> float4send(pgml.predict('line', features))) > 0 AS another_model FROM plain;
SELECT strategy FROM pgml.deploy('line', 'rollback');
SELECT count(*) FILTER (WHERE bits <> float4send(pgml.predict('line', features))) AS differ FROM plain;

-- Set for a session or a function; nothing else is a predictor.
SET pgml.predictor = 'fastest';
SET pgml.predicter = 'fast';
SHOW pgml.predictor;
CREATE FUNCTION by_library(features real[]) RETURNS real LANGUAGE sql SET pgml.predictor = 'xgboost'
  AS 'SELECT pgml.predict(''line'', features)';
SELECT count(*) FILTER (WHERE bits <> float4send(by_library(features))) AS differ FROM plain;
RESET pgml.predictor;
SHOW pgml.predictor;

DROP FUNCTION by_library;
DROP EXTENSION pgml CASCADE;
DROP TABLE line;
