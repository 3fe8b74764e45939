-- Deploying: each strategy, and changes by hand.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;
CREATE TABLE wave AS SELECT i % 100 AS x, sin(i % 100) AS y FROM generate_series(1, 1000) AS i;
SELECT deployed FROM pgml.train('wave', 'regression', 'wave', 'y', hyperparams => '{"n_estimators": 10}');
SELECT deployed FROM pgml.train('wave', 'regression', 'wave', 'y', hyperparams => '{"n_estimators": 40}');
SELECT deployed FROM pgml.train('wave', 'regression', 'wave', 'y', hyperparams => '{"n_estimators": 1}');

CREATE VIEW current AS SELECT d.strategy, m.hyperparams ->> 'n_estimators' AS rounds
  FROM pgml.deployments d JOIN pgml.models m ON m.id = d.model_id ORDER BY d.id DESC LIMIT 1;
SELECT * FROM current;
SELECT * FROM pgml.deploy('wave', 'most_recent');
SELECT * FROM current;
SELECT * FROM pgml.deploy('wave', 'rollback');
SELECT * FROM current;
SELECT * FROM pgml.deploy('wave', strategy => 'best_score', algorithm => 'xgboost');
SELECT * FROM current;
SELECT project, strategy FROM pgml.deploy((SELECT min(id) FROM pgml.models));
SELECT * FROM current;

SELECT * FROM pgml.deploy('wave', 'newest');
SELECT * FROM pgml.deploy('wave', 'specific');
SELECT * FROM pgml.deploy('no such project', 'most_recent');
SELECT * FROM pgml.deploy('wave', 'most_recent', 'linear');
SELECT * FROM pgml.deploy(0);

-- Changes by hand are noticed.
SELECT pgml.predict('wave', ARRAY[1]) IS NOT NULL AS answers;
DELETE FROM pgml.deployments;
SELECT pgml.predict('wave', ARRAY[1]);
SELECT strategy FROM pgml.deploy('wave', 'best_score');
SELECT pgml.predict('wave', ARRAY[1]) IS NOT NULL AS answers;
UPDATE pgml.projects SET name = 'renamed';
SELECT pgml.predict('wave', ARRAY[1]);
SELECT pgml.predict('renamed', ARRAY[1]) IS NOT NULL AS answers;
TRUNCATE pgml.files;
SELECT pgml.predict('renamed', ARRAY[1]) IS NOT NULL AS answers;
DELETE FROM pgml.projects;
SELECT count(*) FROM pgml.models;
SELECT pgml.predict('renamed', ARRAY[1]);

-- Such a change in an unfinished transaction is seen there, and is gone with it.
SELECT deployed FROM pgml.train('undone', 'regression', 'wave', 'y', hyperparams => '{"n_estimators": 2}');
BEGIN;
SELECT pgml.predict('undone', ARRAY[1]) IS NOT NULL AS answers;
TRUNCATE pgml.files;
SAVEPOINT emptied;
SELECT pgml.predict('undone', ARRAY[1]);
ROLLBACK;
SELECT pgml.predict('undone', ARRAY[1]) IS NOT NULL AS answers;
DO $$
DECLARE
  before real := pgml.predict('undone', ARRAY[1]);
BEGIN
  BEGIN
    PERFORM pgml.train('undone', hyperparams => '{"n_estimators": 60}');
    ASSERT pgml.predict('undone', ARRAY[1]) <> before, 'the new model answers where it was deployed';
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
    ASSERT pgml.predict('undone', ARRAY[1]) = before, 'the old model answers once the deployment is undone';
  END;
  ASSERT pgml.predict('undone', ARRAY[1]) = before;
END
$$;
-- A repeatable transaction does not see what its snapshot does not.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pgml.predict('undone', ARRAY[1]) IS NOT NULL AS answers;
DELETE FROM pgml.deployments;
SELECT pgml.predict('undone', ARRAY[1]);
ROLLBACK;
-- All of it in one transaction, with the extension itself.
BEGIN;
DROP EXTENSION pgml CASCADE;
CREATE EXTENSION pgml;
SELECT deployed FROM pgml.train('fresh', 'regression', 'wave', 'y', hyperparams => '{"n_estimators": 2}');
SELECT pgml.predict('fresh', ARRAY[1]) IS NOT NULL AS answers;
ROLLBACK;
SELECT pgml.predict('undone', ARRAY[1]) IS NOT NULL AS answers;

DROP VIEW current;
DROP EXTENSION pgml CASCADE;
DROP TABLE wave;
