/*
 * train.c: fits a booster to the rows of a relation.
 *
 * pgml.fit() is the part of pgml.train() that needs C; projects, snapshots and deployments are kept in SQL.
 */
#include "pgml.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(pgml_fit);

/* What is read of the relation. */
typedef struct Source
{
	char	   *query;
	int			features;
	Datum	   *names;			/* of the features, text */
} Source;

/* What XGBoost's callbacks need; an error of ours waits here until XGBoost's frames are left. */
typedef struct TrainingRows
{
	RowStream  *rows;
	int64		count;
	DMatrixHandle *proxy;
	MemoryContext context;
	ErrorData  *error;
	sigset_t	signals;		/* those of the backend, outside of XGBoost */
} TrainingRows;

/* The expression that reads a column as real; NULL where its type is none that XGBoost can use. */
static const char *
as_real(Oid type, const char *column)
{
	switch (getBaseType(type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return psprintf("%s::pg_catalog.float4", column);
		case BOOLOID:
			return psprintf("%s::pg_catalog.int4::pg_catalog.float4", column);
		default:
			return NULL;
	}
}

static Source
describe(Oid relation_id, const char *target)
{
	Source		source = {0};
	StringInfoData query;
	Relation	relation = relation_open(relation_id, AccessShareLock);
	TupleDesc	description = RelationGetDescr(relation);
	const char *target_expression = NULL;

	if (strchr("rpvmf", relation->rd_rel->relkind) == NULL) /* RELKIND_… of what SELECT reads */
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" holds no rows to train on: it is neither a table nor a view", RelationGetRelationName(relation)),
				errhint("relation_name takes a table, a partitioned or foreign one, a view or a materialized view."));
	source.names = palloc(sizeof(Datum) * description->natts);
	initStringInfo(&query);
	appendStringInfoString(&query, "SELECT ");
	for (int i = 0; i < description->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(description, i);
		const char *name = NameStr(attribute->attname);
		const char *expression;

		if (attribute->attisdropped)
			continue;
		expression = as_real(attribute->atttypid, quote_identifier(name));
		if (expression == NULL)
			ereport(ERROR,
					errcode(ERRCODE_DATATYPE_MISMATCH),
					errmsg("column \"%s\" of \"%s\" has the type %s; expected a number or a boolean",
						   name, RelationGetRelationName(relation), format_type_be(attribute->atttypid)),
					errhint("Train on a view that leaves it out or turns it into a number."));
		if (strcmp(name, target) == 0)
		{
			target_expression = expression;
			continue;
		}
		appendStringInfo(&query, "%s, ", expression);
		source.names[source.features++] = CStringGetTextDatum(name);
	}
	if (target_expression == NULL)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("\"%s\" has no column \"%s\" to be predicted", RelationGetRelationName(relation), target),
				errhint("y_column_name takes the column's exact name, without quotes."));
	if (source.features == 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("\"%s\" has no column besides \"%s\" to predict it from", RelationGetRelationName(relation), target));
	appendStringInfo(&query, "%s FROM %s", target_expression,
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
												RelationGetRelationName(relation)));
	relation_close(relation, NoLock);
	source.query = query.data;
	return source;
}

static int64
count_rows(const char *query)
{
	bool		isnull;
	int64		count;

	SPI_execute(psprintf("SELECT pg_catalog.count(*) FROM (%s) AS source", query), true, 1);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return count;
}

static void
reset_rows(DataIterHandle iterator)
{
	TrainingRows *training = iterator;

	/* The cursor is opened by the next batch: an error must not be raised from here. */
	training->rows->left = -1;
}

/*
 * XGBoost calls this through C++ frames, which an error must not jump over: it is kept, and raised by fit().
 */
static int
next_rows(DataIterHandle iterator)
{
	TrainingRows *training = iterator;
	MemoryContext before = CurrentMemoryContext;
	volatile int more = 0;

	if (training->error != NULL)
		return 0;
	pgml_leave_threads(&training->signals);
	PG_TRY();
	{
		RowStream  *rows = training->rows;

		if (rows->left < 0)
			pgml_start_rows(rows, 0, training->count);
		if (pgml_next_batch(rows))
		{
			char	   *features = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
			char	   *targets = pgml_array_interface(rows->targets, rows->batch, 1);

			pgml_check(XGProxyDMatrixSetDataDense(*training->proxy, features), ERRCODE_DATA_EXCEPTION, "read the features");
			pgml_check(XGDMatrixSetInfoFromInterface(*training->proxy, "label", targets), ERRCODE_DATA_EXCEPTION,
					   "read the column to be predicted");
			pfree(features);
			pfree(targets);
			more = 1;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(training->context);
		training->error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	pgml_enter_threads(&training->signals);
	MemoryContextSwitchTo(before);
	return more;
}

/* The rows to train on, as XGBoost keeps them: each feature in at most max_bin quantiles. Belongs to the current context. */
static DMatrixHandle
quantile_matrix(TrainingRows *training, int max_bin, int threads)
{
	DMatrixHandle *matrix = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	char	   *config = psprintf("{\"missing\":NaN,\"nthread\":%d,\"max_bin\":%d}", threads, max_bin);
	int			status;

	training->proxy = pgml_owned(CurrentMemoryContext, XGDMatrixFree);
	pgml_check(XGProxyDMatrixCreate(training->proxy), ERRCODE_OUT_OF_MEMORY, "create a matrix");
	training->rows->left = -1;
	pgml_enter_threads(&training->signals);
	status = XGQuantileDMatrixCreateFromCallback(training, *training->proxy, NULL, reset_rows, next_rows, config, matrix);
	pgml_leave_threads(&training->signals);
	if (training->error != NULL)
		ReThrowError(training->error);
	pgml_check(status, ERRCODE_DATA_EXCEPTION, "read the rows");
	pgml_free_owned(training->proxy);
	pgml_stop_rows(training->rows);
	return *matrix;
}

/* Hyperparameters as XGBoost takes them: names and values as text. */
typedef struct Parameters
{
	int			count;
	char	  **names;
	char	  **values;
	int			rounds;
	int			max_bin;
	int			threads;
} Parameters;

static int
whole_number(const char *name, const char *value, int least)
{
	char	   *end;
	long		number = strtol(value, &end, 10);

	if (*end != '\0' || end == value || number < least || number > INT_MAX)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("hyperparameter %s is %s; expected a whole number of at least %d", name, value, least),
				errhint("Leave it out for its default."));
	return (int) number;
}

static Parameters
read_parameters(Datum hyperparams)
{
	Parameters	parameters = {.rounds = 100, .max_bin = 256, .threads = 0};
	Oid			type = JSONBOID;

	SPI_execute_with_args("SELECT key, value FROM pg_catalog.jsonb_each_text($1) ORDER BY key", 1, &type, &hyperparams,
						  NULL, true, 0);
	parameters.names = palloc(sizeof(char *) * (SPI_processed + 1));
	parameters.values = palloc(sizeof(char *) * (SPI_processed + 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		char	   *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);

		if (value == NULL)
			continue;			/* null: the default, as in Python */
		/* boost_rounds is PostgresML's other name for it. */
		if (strcmp(name, "n_estimators") == 0 || strcmp(name, "boost_rounds") == 0)
		{
			parameters.rounds = whole_number(name, value, 1);
			continue;
		}
		if (strcmp(name, "objective") == 0 && strcmp(value, "reg:squarederror") != 0)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("hyperparameter objective is %s; expected reg:squarederror", value),
					errhint("Leave it out: regression has this objective only."));
		if (strcmp(name, "booster") == 0 && strcmp(value, "gbtree") != 0)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("hyperparameter booster is %s; expected gbtree", value),
					errhint("Leave it out: trees are the only booster here."));
		/* These would silence XGBoost's word on names that it does not know. */
		if (strcmp(name, "verbosity") == 0 || strcmp(name, "validate_parameters") == 0)
			ereport(ERROR,
					errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("hyperparameter %s has no meaning in pgml.train()", name),
					errhint("Leave it out."));
		if (strcmp(name, "max_bin") == 0)
			parameters.max_bin = whole_number(name, value, 2);
		/* scikit-learn's names for three of XGBoost's own */
		if (strcmp(name, "n_jobs") == 0)
			name = "nthread";
		else if (strcmp(name, "random_state") == 0)
			name = "seed";
		if (strcmp(name, "nthread") == 0)
			parameters.threads = whole_number(name, value, 0);
		parameters.names[parameters.count] = name;
		parameters.values[parameters.count++] = value;
	}
	return parameters;
}

static void
boost(BoosterHandle booster, DMatrixHandle matrix, Parameters *parameters)
{
	pgml_check(XGBoosterSetParam(booster, "objective", "reg:squarederror"), ERRCODE_INTERNAL_ERROR, "set the objective");
	pgml_check(XGBoosterSetParam(booster, "validate_parameters", "1"), ERRCODE_INTERNAL_ERROR, "set a parameter");
	for (int i = 0; i < parameters->count; i++)
		pgml_check(XGBoosterSetParam(booster, parameters->names[i], parameters->values[i]),
				   ERRCODE_INVALID_PARAMETER_VALUE, psprintf("take the hyperparameter %s", parameters->names[i]));
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
	}
}

/* r2, mean absolute and mean squared error on rows that the booster has not seen; NaN where there are none. */
typedef struct Metrics
{
	double		r2;
	double		mean_absolute;
	double		mean_squared;
} Metrics;

static Metrics
score(BoosterHandle booster, RowStream *rows, int64 skip, int64 count)
{
	double		absolute = 0,
				squared = 0,
				sum = 0,
				sum_of_squares = 0;
	Metrics		metrics = {NAN, NAN, NAN};

	if (count == 0)
		return metrics;
	pgml_start_rows(rows, skip, count);
	while (pgml_next_batch(rows))
	{
		char	   *interface = pgml_array_interface(rows->features, rows->batch, rows->columns - 1);
		const bst_ulong *shape;
		bst_ulong	dimensions;
		const float *predictions;
		sigset_t	signals;
		int			status;

		pgml_enter_threads(&signals);
		status = XGBoosterPredictFromDense(booster, interface, pgml_predict_config, NULL, &shape, &dimensions, &predictions);
		pgml_leave_threads(&signals);
		pgml_check(status, ERRCODE_DATA_EXCEPTION, "predict the held-out rows");
		pfree(interface);
		for (int i = 0; i < rows->batch; i++)
		{
			double		truth = rows->targets[i];
			double		error = truth - predictions[i];

			absolute += fabs(error);
			squared += error * error;
			sum += truth;
			sum_of_squares += truth * truth;
		}
	}
	pgml_stop_rows(rows);
	metrics.mean_absolute = absolute / count;
	metrics.mean_squared = squared / count;
	metrics.r2 = 1 - squared / (sum_of_squares - sum * sum / count);
	return metrics;
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

/*
 * pgml.fit(relation regclass, y_column_name text, hyperparams jsonb, test_size real)
 * returns (model bytea, features text[], train_rows bigint, test_rows bigint, r2, mean_absolute_error, mean_squared_error)
 */
Datum
pgml_fit(PG_FUNCTION_ARGS)
{
	Oid			relation_id = PG_GETARG_OID(0);
	char	   *target = text_to_cstring(PG_GETARG_TEXT_PP(1));
	double		test_size = PG_GETARG_FLOAT4(3);
	TrainingRows training = {0};
	DMatrixHandle matrix;
	BoosterHandle *booster;
	Source		source;
	Parameters	parameters;
	Metrics		metrics;
	bytea	   *model;
	int64		total,
				test;
	TupleDesc	description;
	Datum		values[7];
	bool		nulls[7] = {0};
	MemoryContext caller = CurrentMemoryContext;

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "pgml.fit must return a row");
	if (!(test_size >= 0 && test_size < 1))
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("test_size is %g; expected a number from 0 to below 1", test_size),
				errhint("It is the share of the rows, the last ones, that is held out to score the model."));

	SPI_connect();
	parameters = read_parameters(PG_GETARG_DATUM(2));
	source = describe(relation_id, target);
	total = count_rows(source.query);
	/* The last rows are held out, half a row rounded up. */
	test = (int64) floor(total * test_size + 0.5);
	if (total - test < 1)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				total == 0 ? errmsg("\"%s\" holds no rows to train on", get_rel_name(relation_id))
				: errmsg("test_size %g leaves none of the " INT64_FORMAT " rows to train on", test_size, total),
				errhint("A model needs at least one row that is not held out."));

	training.rows = pgml_open_rows(source.query, source.features + 1);
	training.count = total - test;
	training.context = CurrentMemoryContext;

	/* Both belong to SPI's context, which ends with SPI_finish() or with the transaction. */
	matrix = quantile_matrix(&training, parameters.max_bin, parameters.threads);
	booster = pgml_owned(CurrentMemoryContext, XGBoosterFree);
	pgml_check(XGBoosterCreate(&matrix, 1, booster), ERRCODE_OUT_OF_MEMORY, "create a model");
	boost(*booster, matrix, &parameters);
	metrics = score(*booster, training.rows, training.count, test);

	MemoryContextSwitchTo(caller);
	model = serialize(*booster);
	values[0] = PointerGetDatum(model);
	values[1] = PointerGetDatum(construct_array(source.names, source.features, TEXTOID, -1, false, TYPALIGN_INT));
	values[2] = Int64GetDatum(training.count);
	values[3] = Int64GetDatum(test);
	values[4] = Float8GetDatum(metrics.r2);
	values[5] = Float8GetDatum(metrics.mean_absolute);
	values[6] = Float8GetDatum(metrics.mean_squared);
	/* Undefined without held-out rows, and r2 too where those rows do not vary. */
	nulls[4] = !isfinite(metrics.r2);
	nulls[5] = nulls[6] = test == 0;
	SPI_finish();
	/* Formed in the caller's memory: what belonged to SPI is gone. */
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls)));
}
