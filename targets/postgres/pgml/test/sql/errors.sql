-- Every mistake gets one clear error, and the session goes on.
\set SHOW_CONTEXT never
CREATE EXTENSION pgml;
CREATE TABLE good AS SELECT i AS x, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE empty AS SELECT * FROM good WHERE false;
CREATE TABLE words AS SELECT 'a' AS word, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE nulls AS SELECT i AS x, CASE WHEN i <> 50 THEN i END AS y FROM generate_series(1, 100) AS i;
CREATE TABLE one_column AS SELECT i AS y FROM generate_series(1, 100) AS i;
SELECT deployed FROM pgml.train('good', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 2}');

-- relation and columns
SELECT * FROM pgml.train('p', 'regression', 'no_such_table', 'y');
SELECT * FROM pgml.train('p', 'regression', 'empty', 'y');
SELECT * FROM pgml.train('p', 'regression', 'words', 'y');
SELECT * FROM pgml.train('p', 'regression', 'nulls', 'y');
SELECT * FROM pgml.train('p', 'regression', 'one_column', 'y');
SELECT * FROM pgml.train('p', 'regression', 'good', 'no_such_column');
SELECT * FROM pgml.train('p', 'regression', 'good', NULL);
SELECT * FROM pgml.train('p', 'regression');
-- arguments
SELECT * FROM pgml.train(NULL, 'regression', 'good', 'y');
SELECT * FROM pgml.train('', 'regression', 'good', 'y');
SELECT * FROM pgml.train('p', 'clustering', 'good', 'y');
SELECT * FROM pgml.train('p', NULL, 'good', 'y');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', algorithm => 'linear');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search => 'grid');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search_params => '{"a": 1}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search_args => '{"a": 1}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_sampling => 'random');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', runtime => 'python');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', materialize_snapshot => true);
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', preprocess => '{"x": {}}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 1);
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => -0.1);
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 'NaN');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 0.999);
-- hyperparameters
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '[1]');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 0}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": "many"}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 1, "max_deep": 3}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"objective": "binary:logistic"}');
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"booster": "dart"}');
-- nothing of all that was kept
SELECT name FROM pgml.projects;
-- predicting
SELECT pgml.predict('no such project', ARRAY[1]);
SELECT pgml.predict(0, ARRAY[1]);
SELECT pgml.predict('good', ARRAY[1, 2]);
SELECT pgml.predict('good', '{}');
SELECT pgml.predict('good', ARRAY[ARRAY[1]]);
SELECT deployed FROM pgml.train('waits', 'regression', 'good', 'y', automatic_deploy => false);
SELECT pgml.predict('waits', ARRAY[1]);
-- a model whose bytes are none
CREATE TEMP TABLE kept AS SELECT data FROM pgml.files LIMIT 1;
UPDATE pgml.files SET data = '\x00010203';
SELECT pgml.predict('good', ARRAY[1]);
UPDATE pgml.files SET data = '';
SELECT pgml.predict('good', ARRAY[1]);
UPDATE pgml.files SET data = f.good FROM (SELECT substr(data, 1, length(data) / 2) AS good FROM kept) AS f;
SELECT pgml.predict('good', ARRAY[1]);
-- training stops when it is told to
SET statement_timeout = '50ms';
SELECT * FROM pgml.train('slow', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 1000000}');
RESET statement_timeout;
SELECT 1 AS the_server_is_up;
DROP EXTENSION pgml CASCADE;
DROP TABLE good, empty, words, nulls, one_column;
