/*
 * train.c: fits a booster to the rows of a relation.
 *
 * pgml._fit() is the part of pgml.train() that needs C; projects, snapshots and deployments are kept in SQL.
 */
#include "pgml.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(pgml_fit);
PG_FUNCTION_INFO_V1(pgml_fit_model);

static void
set_parameter(BoosterHandle booster, const char *name, const char *value)
{
	pgml_check(XGBoosterSetParam(booster, name, value), ERRCODE_INVALID_PARAMETER_VALUE,
			   psprintf("take the hyperparameter %s", name));
}

/* @param classes 0 for a regression */
static void
boost(BoosterHandle booster, DMatrixHandle matrix, const Parameters *parameters, int classes, Progress *progress)
{
	const char *objective = parameters->objective;

	/* As Python's XGBRegressor and XGBClassifier choose. */
	if (objective == NULL)
		objective = classes == 0 ? "reg:squarederror" : classes == 2 ? "binary:logistic" : "multi:softprob";
	set_parameter(booster, "objective", objective);
	if (strncmp(objective, "multi:", 6) == 0 && !parameters->has_classes)
		set_parameter(booster, "num_class", psprintf("%d", classes));
	set_parameter(booster, "validate_parameters", "1");
	for (int i = 0; i < parameters->count; i++)
		set_parameter(booster, parameters->names[i], parameters->values[i]);
	pgml_forget_warnings();
	for (int round = 0; round < parameters->rounds; round++)
	{
		sigset_t	signals;
		int			status;

		CHECK_FOR_INTERRUPTS();
		pgml_enter_threads(&signals);
		status = XGBoosterUpdateOneIter(booster, round, matrix);
		pgml_leave_threads(&signals);
		pgml_check(status, ERRCODE_INVALID_PARAMETER_VALUE, "train");
		if (round == 0 && pgml_unused_parameters() != NULL)
			ereport(ERROR,
					errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("hyperparams has names that XGBoost does not know: %s", pgml_unused_parameters()),
					errhint("https://xgboost.readthedocs.io/en/stable/parameter.html lists them."));
		pgml_tell_round(progress, round + 1, parameters->rounds);
	}
}

/* Predicts the rows that are held out. @param classes 0 for a regression */
static Tally
score(BoosterHandle booster, RowStream *rows, int classes, Answer answer)
{
	Tally		tally = pgml_new_tally(classes, answer);

	/* All that boosting took is still there. */
	rows->capacity = PGML_BATCH_ROWS;
	pgml_start_rows(rows, true);
	while (pgml_next_batch(rows))
	{
		char	   *interface = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
		const bst_ulong *shape;
		bst_ulong	dimensions;
		const float *predictions;
		sigset_t	signals;
		int			status;
		int			outputs = 1;

		pgml_enter_threads(&signals);
		status = XGBoosterPredictFromDense(booster, interface, pgml_predict_config, NULL, &shape, &dimensions, &predictions);
		pgml_leave_threads(&signals);
		pgml_check(status, ERRCODE_DATA_EXCEPTION, "predict the held-out rows");
		pfree(interface);
		for (bst_ulong i = 1; i < dimensions; i++)
			outputs *= (int) shape[i];
		for (int i = 0; i < rows->batch; i++)
			pgml_tally(&tally, answer, rows->truths[i], predictions + (Size) i * outputs, outputs);
	}
	pgml_stop_rows(rows);
	return tally;
}

/* A model that has no r2 for what is held out does not vary: who trains it is told, since nothing else shows why. */
static void
tell_without_variance(const Tally *tally, const char *target)
{
	if (tally->rows == 1)
		ereport(NOTICE,
				errmsg("the model has no r2: only one row is held out"),
				errhint("A larger test_size holds out more."));
	else if (tally->rows > 1 && tally->squared_deviations == 0)
		ereport(NOTICE,
				errmsg("the model has no r2: \"%s\" is the same in all " INT64_FORMAT " rows that are held out", target,
					   tally->rows),
				errhint("test_sampling => 'random' holds out rows from everywhere."));
}

static bytea *
serialize(BoosterHandle booster)
{
	bst_ulong	length;
	const char *buffer;
	bytea	   *model;

	pgml_check(XGBoosterSaveModelToBuffer(booster, "{\"format\":\"ubj\"}", &length, &buffer), ERRCODE_INTERNAL_ERROR,
			   "save the model");
	model = palloc(VARHDRSZ + length);
	SET_VARSIZE(model, VARHDRSZ + length);
	memcpy(VARDATA(model), buffer, length);
	return model;
}

/* What was fitted, in the memory of whoever called fit(). */
typedef struct Fitted
{
	bytea	   *model;
	ArrayType  *features;
	int64		train_rows;
	int64		test_rows;
	Tally		tally;
	char	   *metrics;
} Fitted;

static Fitted
fit(Oid relation_id, const char *target, bool classification, Sampling sampling, Datum hyperparams, double test_size)
{
	RowStream  *rows;
	Progress	progress = pgml_begin_progress();
	Fitted		fitted = {0};
	DMatrixHandle matrix;
	BoosterHandle *booster;
	Source		source;
	Parameters	parameters;
	Split		split = {0};
	Answer		answer;
	int			classes = 0;
	int64		total = 0;
	MemoryContext caller = CurrentMemoryContext;

	if (!(test_size >= 0 && test_size < 1))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("test_size is %g; expected a number from 0 to below 1", test_size),
				errhint("It is the share of the rows that is held out to score the model."));

	SPI_connect();
	parameters = pgml_read_parameters(hyperparams, classification);
	source = pgml_source(relation_id, target);
	if (classification)
	{
		split = pgml_count_classes(source.target_query);
		split.classes = classes = split.count;
		for (int i = 0; i < split.count; i++)
			total += split.strata[i].rows;
		if (classes > 2 && parameters.objective != NULL && strncmp(parameters.objective, "binary:", 7) == 0)
			pgml_refuse_parameter("objective", parameters.objective, psprintf("multi:softprob or multi:softmax for %d classes", classes));
	}
	else
		total = pgml_count_rows(source.query);
	if (sampling != SAMPLING_STRATIFIED)
	{
		split.strata = palloc(sizeof(Stratum));
		split.strata[0].rows = total;
		split.count = 1;
	}
	split.sampling = sampling;
	split.seed = (uint64) parameters.seed;
	/* Half a row is rounded up, in each class where each is divided. */
	for (int i = 0; i < split.count; i++)
	{
		split.strata[i].test = (int64) floor(split.strata[i].rows * test_size + 0.5);
		fitted.test_rows += split.strata[i].test;
	}
	fitted.train_rows = total - fitted.test_rows;
	if (fitted.train_rows < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				total == 0 ? errmsg("\"%s\" holds no rows to train on", get_rel_name(relation_id))
				: errmsg("test_size %g leaves none of the " INT64_FORMAT " rows to train on", test_size, total),
				errhint("A model needs at least one row that is not held out."));

	rows = pgml_open_rows(source.query, source.features + 1, &split,
						  pgml_batch_rows(fitted.train_rows, source.features + 1));

	/* Both belong to SPI's context, which ends with SPI_finish() or with the transaction. */
	matrix = pgml_fill_matrix(rows, parameters.max_bin, parameters.threads, &progress);
	booster = pgml_owned(CurrentMemoryContext, XGBoosterFree);
	pgml_check(XGBoosterCreate(&matrix, 1, booster), ERRCODE_OUT_OF_MEMORY, "create a model");
	boost(*booster, matrix, &parameters, classes, &progress);
	answer = pgml_answer_for(parameters.objective != NULL ? parameters.objective : classes > 2 ? "multi:softprob" : "binary:logistic",
							 classification);
	fitted.tally = score(*booster, rows, classes, answer);
	if (!classification)
		tell_without_variance(&fitted.tally, target);

	MemoryContextSwitchTo(caller);
	fitted.metrics = pgml_metrics(&fitted.tally);
	fitted.model = serialize(*booster);
	fitted.features = construct_array(source.names, source.features, TEXTOID, -1, false, TYPALIGN_INT);
	SPI_finish();
	return fitted;
}

static Sampling
sampling_of(const char *name)
{
	/* The names are pgml.sampling's, so there is no other. */
	return strcmp(name, "last") == 0 ? SAMPLING_LAST : strcmp(name, "random") == 0 ? SAMPLING_RANDOM : SAMPLING_STRATIFIED;
}

/*
 * pgml._fit(relation regclass, y_column_name text, classification boolean, hyperparams jsonb, test_size real,
 *           test_sampling text)
 * returns (model bytea, features text[], train_rows bigint, test_rows bigint, metrics jsonb)
 */
Datum
pgml_fit_model(PG_FUNCTION_ARGS)
{
	TupleDesc	description;
	Fitted		fitted;
	Datum		values[5];
	bool		nulls[5] = {0};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "pgml._fit must return a row");
	fitted = fit(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_BOOL(2),
				 sampling_of(text_to_cstring(PG_GETARG_TEXT_PP(5))), PG_GETARG_DATUM(3), PG_GETARG_FLOAT4(4));
	values[0] = PointerGetDatum(fitted.model);
	values[1] = PointerGetDatum(fitted.features);
	values[2] = Int64GetDatum(fitted.train_rows);
	values[3] = Int64GetDatum(fitted.test_rows);
	values[4] = DirectFunctionCall1(jsonb_in, CStringGetDatum(fitted.metrics));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}

/*
 * The same for the SQL of version 0.1.0, which a server has until ALTER EXTENSION pgml UPDATE:
 *
 * pgml._fit(relation regclass, y_column_name text, hyperparams jsonb, test_size real)
 * returns (model bytea, features text[], train_rows bigint, test_rows bigint, r2, mean_absolute_error, mean_squared_error)
 */
Datum
pgml_fit(PG_FUNCTION_ARGS)
{
	TupleDesc	description;
	Fitted		fitted;
	Tally	   *tally = &fitted.tally;
	double		n,
				r2;
	Datum		values[7];
	bool		nulls[7] = {0};

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "pgml._fit must return a row");
	fitted = fit(PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)), false, SAMPLING_LAST, PG_GETARG_DATUM(2),
				 PG_GETARG_FLOAT4(3));
	n = (double) tally->rows;
	r2 = pgml_r2(tally);
	values[0] = PointerGetDatum(fitted.model);
	values[1] = PointerGetDatum(fitted.features);
	values[2] = Int64GetDatum(fitted.train_rows);
	values[3] = Int64GetDatum(fitted.test_rows);
	values[4] = Float8GetDatum(r2);
	values[5] = Float8GetDatum(tally->absolute / n);
	values[6] = Float8GetDatum(tally->squared / n);
	/* Undefined without held-out rows, and r2 too where those rows do not vary. */
	nulls[4] = !isfinite(r2);
	nulls[5] = nulls[6] = tally->rows == 0;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}
