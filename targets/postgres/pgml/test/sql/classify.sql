-- Classification, and which rows are held out. (test/sessions/training.ts compares models and metrics with Python's.)
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;
CREATE TABLE points AS
  SELECT i % 30 AS x, i % 7 AS z, (i % 30) / 10 AS three, i % 30 >= 15 AS two FROM generate_series(1, 3000) AS i;
CREATE VIEW threes AS SELECT x, z, three FROM points;
CREATE VIEW twos AS SELECT x, z, two FROM points;

-- Two classes: the likelier one, from one probability.
SELECT * FROM pgml.train('two', 'classification', 'twos', 'two', hyperparams => '{"n_estimators": 10}');
SELECT (metrics ->> 'accuracy')::float8 AS accuracy, (metrics ->> 'f1')::float8 AS f1, (metrics ->> 'precision')::float8 AS precision,
  (metrics ->> 'recall')::float8 AS recall, (metrics ->> 'log_loss')::float8 BETWEEN 0 AND 0.2 AS log_loss, metrics ? 'r2' AS r2
FROM pgml.models ORDER BY id DESC LIMIT 1;
SELECT bool_and(pgml.predict('two', ARRAY[x, z]) = two::int) AS right_class,
  bool_and(cardinality(p) = 2 AND abs(p[1] + p[2] - 1) < 1e-6 AND (p[2] > 0.5) = two) AS probabilities
FROM points, pgml.predict_proba('two', ARRAY[x, z]) AS p;
-- More classes: a probability for each.
SELECT * FROM pgml.train('three', 'classification', 'threes', 'three', test_sampling => 'stratified', hyperparams => '{"n_estimators": 10}');
SELECT bool_and(pgml.predict('three', ARRAY[x, z]) = three) AS right_class,
  bool_and(cardinality(p) = 3 AND abs(p[1] + p[2] + p[3] - 1) < 1e-5 AND p[three + 1] > 0.5) AS probabilities
FROM points, pgml.predict_proba('three', ARRAY[x, z]) AS p;
SELECT pgml.predict_batch((SELECT max(id) FROM pgml.models), ARRAY[5, 1, 15, 1, 25, 1]) AS classes;
SET pgml.predictor = 'fast';
SELECT bool_and(pgml.predict('three', ARRAY[x, z]) = three) AS three, bool_and(pgml.predict('two', ARRAY[x, z]) = two::int) AS two FROM points;
RESET pgml.predictor;
-- Other objectives: the class alone.
SELECT deployed FROM pgml.train('hinge', 'classification', 'twos', 'two', hyperparams => '{"objective": "binary:hinge", "n_estimators": 10}');
SELECT bool_and(pgml.predict('hinge', ARRAY[x, z]) = two::int) AS right_class FROM points;
SELECT pgml.predict_proba('hinge', ARRAY[1, 1]);
SELECT deployed FROM pgml.train('softmax', 'classification', 'threes', 'three', hyperparams => '{"objective": "multi:softmax", "n_estimators": 10}');
SELECT bool_and(pgml.predict('softmax', ARRAY[x, z]) = three) AS right_class, (SELECT metrics ? 'log_loss' FROM pgml.models ORDER BY id DESC LIMIT 1) AS log_loss FROM points;
SELECT deployed FROM pgml.train('softprob', 'classification', 'twos', 'two', hyperparams => '{"objective": "multi:softprob", "n_estimators": 10}');
SELECT bool_and(pgml.predict('softprob', ARRAY[x, z]) = two::int) AS right_class, min(cardinality(pgml.predict_proba('softprob', ARRAY[x, z]))) AS classes FROM points;
-- A regression with a logistic objective predicts the probability; dart trains, too.
SELECT deployed FROM pgml.train('share', 'regression', 'twos', 'two', hyperparams => '{"objective": "binary:logistic", "n_estimators": 10}');
SELECT pgml.predict('share', ARRAY[29, 1]) BETWEEN 0.9 AND 0.999 AS probability;
SELECT deployed FROM pgml.train('dart', 'classification', 'twos', 'two', hyperparams => '{"booster": "dart", "rate_drop": 0.2, "n_estimators": 10}');
SELECT pgml.predict('dart', ARRAY[29, 1]) AS class;
SELECT deployed FROM pgml.train('monotone', 'regression', 'threes', 'three', hyperparams => '{"monotone_constraints": [1, 0], "n_estimators": 5}');

-- The metric of a classification is f1: a worse model is not deployed, best_score goes by it.
SELECT deployed FROM pgml.train('three', hyperparams => '{"n_estimators": 1, "eta": 0}');
SELECT strategy FROM pgml.deploy('three', 'most_recent');
SELECT strategy FROM pgml.deploy('three', 'best_score');
SELECT hyperparams FROM pgml.models m JOIN pgml.deployed_models d ON d.id = m.id WHERE d.name = 'three';
-- A project keeps its task.
SELECT * FROM pgml.train('three', 'regression', 'threes', 'three');

-- What is no column of classes.
CREATE VIEW one_class AS SELECT x, 0 AS class FROM points;
CREATE VIEW gap AS SELECT x, CASE WHEN three = 1 THEN 5 ELSE three END AS class FROM points;
CREATE VIEW fraction AS SELECT x, three / 2.0 AS class FROM points;
CREATE VIEW negative AS SELECT x, three - 1 AS class FROM points;
CREATE VIEW holes AS SELECT x, NULLIF(three, 2) AS class FROM points;
CREATE VIEW not_numbers AS SELECT x, CASE WHEN three = 0 THEN 'NaN'::real ELSE three - 1 END AS class FROM points;
CREATE VIEW many AS SELECT i AS x, i - 1 AS class FROM generate_series(1, 1500) AS i;
CREATE VIEW none AS SELECT * FROM one_class WHERE false;
SELECT * FROM pgml.train('p', 'classification', 'one_class', 'class');
SELECT * FROM pgml.train('p', 'classification', 'gap', 'class');
SELECT * FROM pgml.train('p', 'classification', 'fraction', 'class');
SELECT * FROM pgml.train('p', 'classification', 'negative', 'class');
SELECT * FROM pgml.train('p', 'classification', 'holes', 'class');
SELECT * FROM pgml.train('p', 'classification', 'not_numbers', 'class');
SELECT * FROM pgml.train('p', 'classification', 'many', 'class');
SELECT * FROM pgml.train('p', 'classification', 'none', 'class');
SELECT * FROM pgml.train('p', 'classification', 'threes', 'three', hyperparams => '{"objective": "binary:logistic"}');
SELECT * FROM pgml.train('p', 'classification', 'threes', 'three', hyperparams => '{"objective": "reg:squarederror"}');
SELECT * FROM pgml.train('p', 'classification', 'threes', 'three', hyperparams => '{"num_class": 2}');
-- A relation that answers otherwise each time: a class that was not there when they were counted.
CREATE SEQUENCE reads;
CREATE FUNCTION shifting() RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT CASE WHEN nextval('public.reads') > 100 THEN 9 ELSE 1 END $$;
CREATE VIEW shifts AS SELECT i AS x, CASE WHEN i % 2 = 0 THEN shifting() ELSE 0 END AS class FROM generate_series(1, 100) AS i;
SELECT * FROM pgml.train('p', 'classification', 'shifts', 'class');

-- Which rows are held out: their number is exact, the seed decides which, each class gives its share.
CREATE TABLE rare AS SELECT i AS x, CASE WHEN i <= 20 THEN 1 ELSE 0 END AS class FROM generate_series(1, 1000) AS i;
-- A model that learns nothing says 0 each time, so its accuracy counts the rare ones that are held out: 6 of 300, or none.
SELECT deployed FROM pgml.train('rare', 'classification', 'rare', 'class', test_sampling => 'stratified', test_size => 0.3,
  hyperparams => '{"n_estimators": 1, "eta": 0}');
SELECT analysis, test_sampling, metrics ->> 'accuracy' AS accuracy FROM pgml.snapshots s JOIN pgml.models m ON m.snapshot_id = s.id ORDER BY s.id DESC LIMIT 1;
SELECT deployed FROM pgml.train('last', 'classification', 'rare', 'class', test_size => 0.3, hyperparams => '{"n_estimators": 1, "eta": 0}');
SELECT analysis, test_sampling, metrics ->> 'accuracy' AS accuracy FROM pgml.snapshots s JOIN pgml.models m ON m.snapshot_id = s.id ORDER BY s.id DESC LIMIT 1;
-- A model that learns each of its rows by heart shows which they were: those, and no held-out one, it predicts exactly.
CREATE TABLE hearsay AS SELECT i AS x, (hashint4(i) % 1000000) / 7.0 AS y FROM generate_series(1, 1000) AS i;
SELECT deployed FROM pgml.train('heart', 'regression', 'hearsay', 'y', test_sampling => 'random', test_size => 0.25,
  hyperparams => '{"n_estimators": 1, "eta": 1, "max_depth": 0, "lambda": 0, "min_child_weight": 0, "max_bin": 2000, "base_score": 0}');
SELECT count(*) FILTER (WHERE error < 0.1) AS known, count(*) FILTER (WHERE error >= 0.1) AS held_out,
  abs(sum(error) FILTER (WHERE error >= 0.1) / 250 - (SELECT (metrics ->> 'mean_absolute_error')::float8 FROM pgml.models ORDER BY id DESC LIMIT 1)) < 0.1
    AS and_these_were_scored,
  count(*) FILTER (WHERE error >= 0.1 AND x <= 500) BETWEEN 80 AND 170 AS from_everywhere
FROM (SELECT x, abs(pgml.predict('heart', ARRAY[x]) - y) AS error FROM hearsay) AS each;
CREATE TABLE identity AS SELECT i AS x, i AS y FROM generate_series(1, 1000) AS i;
CREATE FUNCTION model_of(seed int) RETURNS text LANGUAGE sql AS $$
  SELECT pgml.train('random', 'regression', 'identity', 'y', test_sampling => 'random',
    hyperparams => jsonb_build_object('n_estimators', 3, 'random_state', seed));
  SELECT md5(data) FROM pgml.files ORDER BY id DESC LIMIT 1;
$$;
SELECT model_of(1) = model_of(1) AS same_seed, model_of(1) = model_of(2) AS other_seed;
SELECT analysis, test_sampling FROM pgml.snapshots ORDER BY id DESC LIMIT 1;
SELECT (metrics ->> 'r2')::float8 > 0.5 AS held_out_from_everywhere FROM pgml.models ORDER BY id DESC LIMIT 1;

DROP FUNCTION model_of(int);
DROP EXTENSION pgml CASCADE;
DROP TABLE points, rare, identity, hearsay CASCADE;
DROP VIEW many, shifts;
DROP FUNCTION shifting();
DROP SEQUENCE reads;
