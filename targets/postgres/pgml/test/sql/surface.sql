-- pgml.predict() in all of its forms: types of arrays, rows, batches; by project and by model.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION pgml;
CREATE TABLE flat AS
  SELECT (i % 50)::int AS width, (i % 20)::real AS "Odd name", i % 3 = 0 AS flag, (i % 50) * 2 + (i % 20) AS y
  FROM generate_series(1, 2000) AS i;
SELECT deployed FROM pgml.train('flat', 'regression', 'flat', 'y', hyperparams => '{"n_estimators": 40}');
SELECT max(id) AS model FROM pgml.models \gset

-- Each type answers as real[] does, by project and by model.
SELECT bool_and(answer = expected) AS same, count(*) FROM (
  SELECT pgml.predict('flat', ARRAY[w, 7, 1]::real[]) AS expected, unnest(ARRAY[
    pgml.predict('flat', ARRAY[w, 7, 1]::float8[]), pgml.predict('flat', ARRAY[w, 7, 1]::smallint[]),
    pgml.predict('flat', ARRAY[w, 7, 1]::int[]), pgml.predict('flat', ARRAY[w, 7, 1]::bigint[]),
    pgml.predict('flat', ARRAY[w, 7, 1]::numeric[]), pgml.predict(:model, ARRAY[w, 7, 1]::real[]),
    pgml.predict(:model, ARRAY[w, 7, 1]::float8[]), pgml.predict(:model, ARRAY[w, 7, 1]::smallint[]),
    pgml.predict(:model, ARRAY[w, 7, 1]::int[]), pgml.predict(:model, ARRAY[w, 7, 1]::bigint[]),
    pgml.predict(:model, ARRAY[w, 7, 1]::numeric[])]) AS answer
  FROM generate_series(0, 49) AS w) AS each;
SELECT pgml.predict('flat', ARRAY[true, false, true]) = pgml.predict('flat', ARRAY[1, 0, 1]) AS by_project,
  pgml.predict(:model, ARRAY[true, NULL, true]) = pgml.predict('flat', ARRAY[1, NULL, 1]) AS by_model;
-- NULL in each type, and NaN, is a missing value.
SELECT bool_and(answer = pgml.predict('flat', '{NULL,7,NULL}'::real[])) AS same, count(*) FROM unnest(ARRAY[
  pgml.predict('flat', '{NULL,7,NULL}'::float8[]), pgml.predict('flat', '{NULL,7,NULL}'::smallint[]),
  pgml.predict('flat', '{NULL,7,NULL}'::int[]), pgml.predict('flat', '{NULL,7,NULL}'::bigint[]),
  pgml.predict('flat', '{NULL,7,NULL}'::numeric[]), pgml.predict('flat', '{NaN,7,NaN}'::float8[]),
  pgml.predict('flat', '{NaN,7,NaN}'::numeric[])]) AS answer;
-- What does not fit into a float is an error, as it is in training.
SELECT pgml.predict('flat', ARRAY[1e300, 0, 0]::float8[]);
SELECT pgml.predict('flat', ARRAY[1e-300, 0, 0]::float8[]);
SELECT pgml.predict('flat', ARRAY[1e300, 0, 0]::numeric[]);
SELECT pgml.predict('flat', ARRAY['a', 'b', 'c']);

-- Rows: by name whatever their order and whatever else they hold, nameless ones by position.
SELECT bool_and(pgml.predict('flat', f) = pgml.predict('flat', ARRAY[width, "Odd name", flag::int]::real[])) AS whole_row,
  bool_and(pgml.predict(:model, f) = pgml.predict('flat', ARRAY[width, "Odd name", flag::int]::real[])) AS by_model,
  bool_and(pgml.predict('flat', ROW(width, "Odd name", flag)) = pgml.predict('flat', f)) AS nameless FROM flat AS f;
SELECT bool_and(pgml.predict('flat', s) = pgml.predict('flat', ROW(s.width, s."Odd name", s.flag))) AS reordered
FROM (SELECT flag, 'text' AS more, "Odd name", width FROM flat) AS s;
SELECT pgml.predict('flat', s) = pgml.predict('flat', '{NULL,3,NULL}'::real[]) AS nulls_are_missing
FROM (SELECT NULL::int AS width, 3 AS "Odd name", NULL::boolean AS flag) AS s;
SELECT pgml.predict('flat', s) FROM (SELECT width, flag FROM flat LIMIT 1) AS s;
SELECT pgml.predict('flat', ROW(1, 2));
SELECT pgml.predict('flat', ROW(1, 2, 'three'));
SELECT pgml.predict('flat', s) FROM (SELECT width, flag, now() AS "Odd name" FROM flat LIMIT 1) AS s;
UPDATE pgml.models SET snapshot_id = NULL;
\c -
SET client_min_messages = warning;
SELECT pgml.predict('flat', f) FROM flat AS f LIMIT 1;
SELECT pgml.predict('flat', ROW(1, 2, true)) IS NOT NULL AS position_is_enough;

-- Batches: one array for all, row after row, or an array of rows; an answer a row in their order, by either predictor.
CREATE TEMP TABLE batch AS SELECT array_agg(v ORDER BY w, k) AS flat, array_agg(DISTINCT ARRAY[w, 7, 1]::real[]) AS rows,
  array_agg(v ORDER BY w, k) FILTER (WHERE w < 1) AS one
FROM generate_series(0, 49) AS w, unnest(ARRAY[w, 7, 1]::real[]) WITH ORDINALITY AS u (v, k);
CREATE TEMP TABLE single AS SELECT array_agg(pgml.predict('flat', ARRAY[w, 7, 1]) ORDER BY w) AS answers FROM generate_series(0, 49) AS w;
SELECT pgml.predict_batch(:model, flat) = answers AS flat, pgml.predict_batch(:model, rows) = answers AS rows,
  ARRAY(SELECT pgml.predict_batch('flat', flat)) = answers AS set_of, pgml.predict_batch(:model, one) = answers[1:1] AS one FROM batch, single;
SET pgml.predictor = 'fast';
SELECT pgml.predict_batch(:model, flat) = answers AS flat, pgml.predict_batch(:model, rows) = answers AS rows,
  ARRAY(SELECT pgml.predict_batch('flat', flat)) = answers AS set_of FROM batch, single;
SELECT pgml.predict('flat', ROW(4, 7, true)) = answers[5] AS by_row FROM single;
RESET pgml.predictor;
SELECT pgml.predict_batch(:model, '{}'), (SELECT count(*) FROM pgml.predict_batch('flat', '{}'));
SELECT pgml.predict_batch(:model, '{1,NULL,NaN}') = ARRAY[pgml.predict('flat', '{1,NULL,NULL}'::real[])] AS missing;
-- More than one chunk of ten thousand.
SELECT array_length(a, 1), (SELECT count(DISTINCT x) FROM unnest(a) AS x)
FROM (SELECT pgml.predict_batch(:model, array_fill(3::real, ARRAY[3 * 20001])) AS a) AS many;
SELECT pgml.predict_batch('flat', ARRAY[1, 2, 3, 4]);
SELECT pgml.predict_batch(:model, ARRAY[[1, 2], [3, 4], [5, 6]]);
SELECT pgml.predict_batch('no such project', ARRAY[1]);

SELECT pgml.predict_proba('flat', ARRAY[1, 2, 3]);
DROP EXTENSION pgml CASCADE;
DROP TABLE flat;
