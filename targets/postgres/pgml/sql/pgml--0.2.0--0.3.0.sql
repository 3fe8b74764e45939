-- pgml 0.3.0: a model without a score, and what becomes of its deployment, is said.
\echo Use "ALTER EXTENSION pgml UPDATE" to load this file. \quit

-- As PostgresML decides: deployed unless the deployed one has a better score, or the new one alone has none. So the same
-- training again is deployed again. A model has no score where no row was held out, and no r2 where the target is the same
-- in all of those that were: then nothing is compared, and whoever trains is told what follows from it.
CREATE FUNCTION pgml._deploy_by_score(project pgml.projects, made bigint) RETURNS boolean LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  metric text := pgml._target_metric(_deploy_by_score.project.task);
  score double precision;
  deployed bigint;
  best double precision;
  deploys boolean;
  why text;
BEGIN
  SELECT (m.metrics ->> metric)::double precision INTO score FROM pgml.models m WHERE m.id = _deploy_by_score.made;
  SELECT m.id, (m.metrics ->> metric)::double precision INTO deployed, best
    FROM pgml.deployments d JOIN pgml.models m ON m.id = d.model_id
    WHERE d.project_id = (_deploy_by_score.project).id ORDER BY d.id DESC LIMIT 1;
  deploys := best IS NULL OR coalesce(score >= best, false);
  IF deploys THEN
    INSERT INTO pgml.deployments (project_id, model_id, strategy)
      VALUES ((_deploy_by_score.project).id, _deploy_by_score.made, 'new_score');
  END IF;

  why := CASE
    WHEN deployed IS NULL THEN CASE WHEN score IS NULL THEN format('it has no %s, but there is no other to keep', metric) END
    WHEN best IS NULL AND score IS NULL THEN format('neither it nor the deployed model %s has a score (%s)', deployed, metric)
    WHEN best IS NULL THEN format('the deployed model %s has no %s to compare with', deployed, metric)
    WHEN score IS NULL THEN format('it has no %s, that of the deployed model is %s', metric, best)
    WHEN NOT deploys THEN format('its %s is %s, that of the deployed model %s', metric, score, best)
  END;
  IF why IS NOT NULL THEN
    RAISE NOTICE USING
      MESSAGE = format('model %s is %s: %s', _deploy_by_score.made, CASE WHEN deploys THEN 'deployed' ELSE 'not deployed' END, why),
      HINT = format('SELECT * FROM pgml.deploy(%s); deploys %s.',
                    CASE WHEN deploys THEN coalesce(deployed, _deploy_by_score.made) ELSE _deploy_by_score.made END,
                    CASE WHEN deploys AND deployed IS NOT NULL THEN 'the former again' ELSE 'it' END);
  END IF;
  RETURN deploys;
END
$$;
REVOKE ALL ON FUNCTION pgml._deploy_by_score FROM PUBLIC;

-- The work of pgml.train(), whose result has the names of its arguments: only SQL functions may have that.
CREATE OR REPLACE FUNCTION pgml._train(
    source regclass, -- relation_name, found by the caller's search_path
    project_name text,
    task text,
    relation_name text,
    y_column_name text,
    algorithm pgml.algorithm,
    hyperparams jsonb,
    search pgml.search,
    search_params jsonb,
    search_args jsonb,
    test_size real,
    test_sampling pgml.sampling,
    runtime pgml.runtime,
    automatic_deploy boolean,
    materialize_snapshot boolean,
    preprocess jsonb)
  RETURNS TABLE (of_project text, of_task text, of_algorithm text, is_deployed boolean) LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  known pgml.projects;
  fit record;
  snapshot bigint;
  made bigint;
  deploys boolean;
BEGIN
  IF coalesce(_train.project_name, '') = '' THEN
    PERFORM pgml._refuse('project_name', _train.project_name, 'a name', 'invalid_parameter_value');
  END IF;
  IF _train.algorithm IS DISTINCT FROM 'xgboost' THEN PERFORM pgml._refuse('algorithm', _train.algorithm, 'xgboost'); END IF;
  IF _train.search IS NOT NULL THEN PERFORM pgml._refuse('search', _train.search, 'NULL: there is no search'); END IF;
  IF _train.search_params IS DISTINCT FROM '{}' THEN PERFORM pgml._refuse('search_params', _train.search_params, '{}: there is no search'); END IF;
  IF _train.search_args IS DISTINCT FROM '{}' THEN PERFORM pgml._refuse('search_args', _train.search_args, '{}: there is no search'); END IF;
  IF _train.test_sampling IS NULL THEN
    PERFORM pgml._refuse('test_sampling', _train.test_sampling, 'last, random or stratified', 'invalid_parameter_value');
  END IF;
  IF _train.runtime IS NOT NULL THEN PERFORM pgml._refuse('runtime', _train.runtime, 'NULL: the runtime is XGBoost''s own library'); END IF;
  IF _train.materialize_snapshot IS DISTINCT FROM false THEN PERFORM pgml._refuse('materialize_snapshot', _train.materialize_snapshot, 'false'); END IF;
  IF _train.preprocess IS DISTINCT FROM '{}' THEN PERFORM pgml._refuse('preprocess', _train.preprocess, '{}'); END IF;
  IF jsonb_typeof(_train.hyperparams) IS DISTINCT FROM 'object' THEN
    PERFORM pgml._refuse('hyperparams', _train.hyperparams, 'a JSON object', 'invalid_parameter_value');
  END IF;
  IF _train.test_size IS NULL THEN
    PERFORM pgml._refuse('test_size', _train.test_size, 'a number from 0 to below 1', 'invalid_parameter_value');
  END IF;

  -- Two trainings of one project take turns, so that each compares itself with the other's model.
  PERFORM pg_advisory_xact_lock(hashtextextended('pgml ' || _train.project_name, 0));
  SELECT p.* INTO known FROM pgml.projects p WHERE p.name = _train.project_name;
  IF _train.task IS NULL AND known.id IS NULL THEN
    PERFORM pgml._refuse('task', _train.task, 'regression or classification, for the project is new', 'invalid_parameter_value');
  END IF;
  _train.task := coalesce(_train.task, known.task::text);
  IF _train.task NOT IN ('regression', 'classification') THEN
    PERFORM pgml._refuse('task', _train.task, 'regression or classification');
  END IF;
  IF _train.task <> known.task::text THEN
    PERFORM pgml._refuse('task', _train.task, format('%s, the task of the project "%s"', known.task, known.name),
                         'invalid_parameter_value');
  END IF;
  IF _train.test_sampling = 'stratified' AND _train.task <> 'classification' THEN
    PERFORM pgml._refuse('test_sampling', _train.test_sampling, 'last or random: only classes can be stratified');
  END IF;
  IF _train.source IS NULL THEN
    PERFORM pgml._refuse('relation_name', NULL::text, 'the relation that holds the rows', 'invalid_parameter_value');
  END IF;
  IF _train.relation_name IS NULL THEN
    SELECT s.relation_name, coalesce(_train.y_column_name, s.y_column_name[1])
      INTO _train.relation_name, _train.y_column_name
      FROM pgml.snapshots s JOIN pgml.models m ON m.snapshot_id = s.id
      WHERE m.project_id = known.id ORDER BY m.id DESC LIMIT 1;
  END IF;
  IF _train.y_column_name IS NULL THEN
    PERFORM pgml._refuse('y_column_name', _train.y_column_name, 'the column to be predicted', 'invalid_parameter_value');
  END IF;

  SELECT * INTO fit FROM pgml._fit(_train.source, _train.y_column_name, _train.task = 'classification',
                                         _train.hyperparams, _train.test_size, _train.test_sampling::text);

  IF known.id IS NULL THEN
    INSERT INTO pgml.projects (name, task) VALUES (_train.project_name, _train.task::pgml.task) RETURNING * INTO known;
  END IF;
  INSERT INTO pgml.snapshots (relation_name, y_column_name, test_size, test_sampling, status, columns, analysis)
    VALUES (_train.relation_name, ARRAY[_train.y_column_name], _train.test_size, _train.test_sampling, 'successful',
            to_jsonb(fit.features), jsonb_build_object('train_rows', fit.train_rows, 'test_rows', fit.test_rows))
    RETURNING id INTO snapshot;
  INSERT INTO pgml.models (project_id, snapshot_id, num_features, algorithm, hyperparams, status, metrics)
    VALUES (known.id, snapshot, cardinality(fit.features), _train.algorithm, _train.hyperparams, 'successful',
            fit.metrics)
    RETURNING id INTO made;
  INSERT INTO pgml.files (model_id, path, part, data, sha256) VALUES (made, 'model.ubj', 0, fit.model, sha256(fit.model));

  deploys := coalesce(_train.automatic_deploy, true) AND pgml._deploy_by_score(known, made);
  RETURN QUERY SELECT _train.project_name, _train.task, _train.algorithm::text, deploys;
END
$$;

CREATE OR REPLACE FUNCTION pgml._deploy(project_name text, strategy pgml.strategy, algorithm pgml.algorithm)
  RETURNS TABLE (of_project text, by_strategy text, of_algorithm text) LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  known pgml.projects;
  chosen pgml.models;
BEGIN
  SELECT p.* INTO known FROM pgml.projects p WHERE p.name = _deploy.project_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('there is no project "%s"', _deploy.project_name),
      HINT = 'SELECT name FROM pgml.projects; lists them.';
  END IF;
  IF _deploy.strategy = 'most_recent' THEN
    SELECT m.* INTO chosen FROM pgml.models m
      WHERE m.project_id = known.id AND m.algorithm = coalesce(_deploy.algorithm::text, m.algorithm) ORDER BY m.id DESC LIMIT 1;
  ELSIF _deploy.strategy = 'best_score' THEN
    SELECT m.* INTO chosen FROM pgml.models m
      WHERE m.project_id = known.id AND m.algorithm = coalesce(_deploy.algorithm::text, m.algorithm)
      ORDER BY (m.metrics ->> pgml._target_metric(known.task))::double precision DESC NULLS LAST, m.id DESC LIMIT 1;
    IF chosen.id IS NOT NULL AND chosen.metrics ->> pgml._target_metric(known.task) IS NULL THEN
      RAISE NOTICE USING MESSAGE = format('no model of "%s" has a score (%s): model %s is deployed, the newest',
                                          known.name, pgml._target_metric(known.task), chosen.id),
        HINT = 'SELECT id, metrics FROM pgml.models; shows the metrics.';
    END IF;
  ELSIF _deploy.strategy = 'rollback' THEN
    -- The model that answered before the one that answers now.
    SELECT m.* INTO chosen FROM pgml.deployments d JOIN pgml.models m ON m.id = d.model_id
      WHERE d.project_id = known.id AND m.algorithm = coalesce(_deploy.algorithm::text, m.algorithm)
        AND d.model_id <> (SELECT l.model_id FROM pgml.deployments l WHERE l.project_id = known.id ORDER BY l.id DESC LIMIT 1)
      ORDER BY d.id DESC LIMIT 1;
  ELSIF _deploy.strategy = 'specific' THEN
    PERFORM pgml._refuse('strategy', _deploy.strategy,
                         'most_recent, best_score or rollback; pgml.deploy(model_id) deploys a specific model',
                         'invalid_parameter_value');
  ELSE
    PERFORM pgml._refuse('strategy', _deploy.strategy, 'most_recent, best_score or rollback', 'invalid_parameter_value');
  END IF;
  IF chosen.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('the project "%s" has no model for the strategy %s', _deploy.project_name, _deploy.strategy),
      HINT = 'pgml.trained_models lists its models.';
  END IF;
  INSERT INTO pgml.deployments (project_id, model_id, strategy) VALUES (known.id, chosen.id, _deploy.strategy);
  RETURN QUERY SELECT known.name, _deploy.strategy::text, chosen.algorithm;
END
$$;
