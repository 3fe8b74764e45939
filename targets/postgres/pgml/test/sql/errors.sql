-- Every mistake gets one clear error, and the session goes on.
\set SHOW_CONTEXT never
CREATE EXTENSION pgml;
CREATE TABLE good AS SELECT i AS x, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE empty AS SELECT * FROM good WHERE false;
CREATE TABLE words AS SELECT 'a' AS word, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE nulls AS SELECT i AS x, CASE WHEN i <> 50 THEN i END AS y FROM generate_series(1, 100) AS i;
CREATE TABLE infinite AS SELECT CASE WHEN i = 50 THEN 'Infinity'::float8 ELSE i END AS x, i AS y FROM generate_series(1, 100) AS i;
CREATE TABLE infinite_y AS SELECT y AS x, x AS y FROM infinite;
CREATE TABLE nan_y AS SELECT i AS x, CASE WHEN i = 50 THEN 'NaN'::float8 ELSE i END AS y FROM generate_series(1, 100) AS i;
CREATE TABLE too_large AS SELECT 1e300::float8 AS x, i AS y FROM generate_series(1, 100) AS i;
CREATE VIEW fails AS SELECT 1 / (x - 40) AS x, y FROM good;
CREATE TABLE one_column AS SELECT i AS y FROM generate_series(1, 100) AS i;
SELECT deployed FROM pgml.train('good', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 2}');

-- relation and columns
SELECT * FROM pgml.train('p', 'regression', 'no_such_table', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'empty', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'words', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'nulls', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'one_column', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'no_such_column');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', NULL);
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'words', 'word');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'not"a name', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'pg_class_oid_index', 'oid');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'infinite', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'infinite_y', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'infinite_y', 'y', test_size => 0.75);
SELECT * FROM pgml.train('p', 'regression', 'nan_y', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'too_large', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'fails', 'y');
\echo SQLSTATE :SQLSTATE
-- arguments
SELECT * FROM pgml.train(NULL, 'regression', 'good', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('', 'regression', 'good', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'clustering', 'good', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', NULL, 'good', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', algorithm => 'linear');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search => 'grid');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search_params => '{"a": 1}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', search_args => '{"a": 1}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_sampling => 'stratified');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_sampling => NULL);
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('good', 'classification', 'good', 'y');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', runtime => 'python');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', materialize_snapshot => true);
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', preprocess => '{"x": {}}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 1);
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => -0.1);
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 'NaN');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', test_size => 0.999);
\echo SQLSTATE :SQLSTATE
-- hyperparameters
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '[1]');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 0}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": "many"}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 1, "max_deep": 3}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"objective": "multi:softmax"}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"booster": "gblinear"}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"multi_strategy": "multi_output_tree"}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"num_class": 3}');
\echo SQLSTATE :SQLSTATE
\set VERBOSITY sqlstate
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"objective": "reg:unheard_of"}');
\set VERBOSITY default
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"max_depth": "deep"}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"max_depth": -1}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => '{"verbosity": 0, "max_deep": 1}');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => 'no JSON');
\echo SQLSTATE :SQLSTATE
SELECT * FROM pgml.train('p', 'regression', 'good', 'y', hyperparams => NULL);
\echo SQLSTATE :SQLSTATE
-- nothing of all that was kept
SELECT name FROM pgml.projects;
-- predicting
SELECT pgml.predict('no such project', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
SELECT pgml.predict(0, ARRAY[1]);
\echo SQLSTATE :SQLSTATE
SELECT pgml.predict('good', ARRAY[1, 2]);
\echo SQLSTATE :SQLSTATE
SELECT pgml.predict('good', '{}'::real[]);
\echo SQLSTATE :SQLSTATE
SELECT pgml.predict('good', ARRAY[ARRAY[1]]);
\echo SQLSTATE :SQLSTATE
-- how far it is said every 5 s, on a machine that takes so long
SET client_min_messages = warning;
SELECT deployed FROM pgml.train('waits', 'regression', 'good', 'y', automatic_deploy => false);
RESET client_min_messages;
\echo SQLSTATE :SQLSTATE
SELECT pgml.predict('waits', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
-- infinities are larger or smaller than every split
SELECT pgml.predict('good', '{Infinity}'::real[]) = pgml.predict('good', '{1e30}'::real[]) AS above, pgml.predict('good', '{-Infinity}'::real[]) = pgml.predict('good', '{-1e30}'::real[]) AS below;
\echo SQLSTATE :SQLSTATE
-- a model whose bytes are none
CREATE TEMP TABLE kept AS SELECT data FROM pgml.files LIMIT 1;
UPDATE pgml.files SET data = '\x00010203';
SELECT pgml.predict('good', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
UPDATE pgml.files SET data = '';
SELECT pgml.predict('good', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
UPDATE pgml.files SET data = f.good FROM (SELECT substr(data, 1, length(data) / 2) AS good FROM kept) AS f;
SELECT pgml.predict('good', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
-- a model in XGBoost's legacy binary form, as PostgresML 2 keeps them, with and without the 16 bytes that 2.0.0 put before it
UPDATE pgml.files SET data = convert_to('binf', 'utf8') || decode(repeat('00', 200), 'hex'), sha256 = NULL;
SELECT pgml.predict('good', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
UPDATE pgml.files SET data = decode(repeat('01', 16), 'hex') || data;
SELECT pgml.predict('good', ARRAY[1]);
\echo SQLSTATE :SQLSTATE
-- training stops when it is told to
SET statement_timeout = '50ms';
SELECT * FROM pgml.train('slow', 'regression', 'good', 'y', hyperparams => '{"n_estimators": 1000000}');
\echo SQLSTATE :SQLSTATE
RESET statement_timeout;
SELECT 1 AS the_server_is_up;
DROP EXTENSION pgml CASCADE;
DROP TABLE good, empty, words, nulls, one_column, infinite, infinite_y, nan_y, too_large CASCADE;
