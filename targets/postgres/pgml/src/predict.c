/*
 * predict.c: rows in, predictions out.
 */
#include "pgml.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(pgml_predict_by_project);
PG_FUNCTION_INFO_V1(pgml_predict_by_model);
PG_FUNCTION_INFO_V1(pgml_predict_row_by_project);
PG_FUNCTION_INFO_V1(pgml_predict_row_by_model);
PG_FUNCTION_INFO_V1(pgml_predict_proba_by_project);
PG_FUNCTION_INFO_V1(pgml_predict_proba_by_model);
PG_FUNCTION_INFO_V1(pgml_predict_batch_by_project);
PG_FUNCTION_INFO_V1(pgml_predict_batch_by_model);

/* To be called before a row is filled: a new forest is tried on the model's row. */
static void
prepare(Model *model)
{
	if (pgml_predictor == PREDICTOR_FAST && model->forest == NULL)
		model->forest = pgml_forest(model, model->context);
}

static const float *
output_of_row(Model *model, int *outputs)
{
	if (pgml_predictor == PREDICTOR_FAST)
		return pgml_forest_predict(model->forest, model->row, outputs);
	return pgml_library_predict(model, outputs);
}

static float
predict_array(Model *model, ArrayType *features)
{
	const float *output;
	int			outputs;

	prepare(model);
	pgml_fill_row(model, features);
	output = output_of_row(model, &outputs);
	return pgml_class_of(model->answer, output, outputs);
}

/* pgml.predict(project_name text, features …[]) */
Datum
pgml_predict_by_project(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_deployed_model(PG_GETARG_TEXT_PP(0));

	PG_RETURN_FLOAT4(predict_array(model, PG_GETARG_ARRAYTYPE_P(1)));
}

/* pgml.predict(model_id bigint, features …[]) */
Datum
pgml_predict_by_model(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_model_by_id(PG_GETARG_INT64(0));

	PG_RETURN_FLOAT4(predict_array(model, PG_GETARG_ARRAYTYPE_P(1)));
}

static float
predict_record(Model *model, HeapTupleHeader record)
{
	const float *output;
	int			outputs;

	prepare(model);
	pgml_fill_row_from_record(model, record);
	output = output_of_row(model, &outputs);
	return pgml_class_of(model->answer, output, outputs);
}

/* pgml.predict(project_name text, features record) */
Datum
pgml_predict_row_by_project(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_deployed_model(PG_GETARG_TEXT_PP(0));

	PG_RETURN_FLOAT4(predict_record(model, PG_GETARG_HEAPTUPLEHEADER(1)));
}

/* pgml.predict(model_id bigint, features record) */
Datum
pgml_predict_row_by_model(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_model_by_id(PG_GETARG_INT64(0));

	PG_RETURN_FLOAT4(predict_record(model, PG_GETARG_HEAPTUPLEHEADER(1)));
}

static Datum
array_of_floats(const float *values, int count)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
		elements[i] = Float4GetDatum(values[i]);
	return PointerGetDatum(construct_array(elements, count, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
}

/* The probability of each class, from class 0 on. */
static Datum
probabilities(Model *model, ArrayType *features)
{
	const float *output;
	int			outputs;
	float		both[2];

	if (model->answer == ANSWER_VALUE)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("model " INT64_FORMAT " is a regression; it has no probabilities of classes", model->model_id),
				errhint("pgml.predict() gives its prediction."));
	if (model->answer == ANSWER_CLASS)
		ereport(ERROR,
				errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("model " INT64_FORMAT " predicts classes without their probabilities", model->model_id),
				errhint("Train with the objective binary:logistic or multi:softprob, or with none."));
	prepare(model);
	pgml_fill_row(model, features);
	output = output_of_row(model, &outputs);
	if (model->answer == ANSWER_LIKELIEST)
		return array_of_floats(output, outputs);
	both[0] = 1 - output[0];
	both[1] = output[0];
	return array_of_floats(both, 2);
}

/* pgml.predict_proba(project_name text, features real[]) */
Datum
pgml_predict_proba_by_project(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_deployed_model(PG_GETARG_TEXT_PP(0));

	PG_RETURN_DATUM(probabilities(model, PG_GETARG_ARRAYTYPE_P(1)));
}

/* pgml.predict_proba(model_id bigint, features real[]) */
Datum
pgml_predict_proba_by_model(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_model_by_id(PG_GETARG_INT64(0));

	PG_RETURN_DATUM(probabilities(model, PG_GETARG_ARRAYTYPE_P(1)));
}

/* Predicts rows that follow each other in one array, or that are its second dimension. */
static Datum
predict_batch(Model *model, ArrayType *features)
{
	int			count = ArrayGetNItems(ARR_NDIM(features), ARR_DIMS(features));
	int			rows = count / model->features;
	float	   *values;
	float	   *answers;

	if (ARR_NDIM(features) > 2 || (ARR_NDIM(features) == 2 && ARR_DIMS(features)[1] != model->features))
		ereport(ERROR,
				errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				errmsg("features does not have rows of %d elements", model->features),
				errhint("Give an array of one dimension, row after row, or of two, a row each."));
	if (count % model->features != 0)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("features has %d elements; expected a multiple of the %d that the model was trained on", count,
					   model->features),
				errhint("Give the relation's columns in their order, without the one that is predicted, row after row."));
	prepare(model);
	values = palloc(sizeof(float) * Max(count, 1));
	answers = palloc(sizeof(float) * Max(rows, 1));
	pgml_read_features(features, values, count);
	for (int from = 0; from < rows; from += PGML_BATCH_ROWS)
	{
		int			batch = Min(rows - from, PGML_BATCH_ROWS);
		const float *first = values + (Size) from * model->features;
		const float *output = NULL;
		int			outputs;

		CHECK_FOR_INTERRUPTS();
		if (pgml_predictor == PREDICTOR_XGBOOST)
			output = pgml_predict_rows(model, pgml_array_interface(first, batch, model->features), batch, &outputs);
		for (int i = 0; i < batch; i++)
		{
			const float *each = pgml_predictor == PREDICTOR_FAST
				? pgml_forest_predict(model->forest, first + (Size) i * model->features, &outputs)
				: output + (Size) i * outputs;

			answers[from + i] = pgml_class_of(model->answer, each, outputs);
		}
	}
	return array_of_floats(answers, rows);
}

/* pgml._predict_batch(project_name text, features real[]) */
Datum
pgml_predict_batch_by_project(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_deployed_model(PG_GETARG_TEXT_PP(0));

	PG_RETURN_DATUM(predict_batch(model, PG_GETARG_ARRAYTYPE_P(1)));
}

/* pgml.predict_batch(model_id bigint, features real[]) */
Datum
pgml_predict_batch_by_model(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_model_by_id(PG_GETARG_INT64(0));

	PG_RETURN_DATUM(predict_batch(model, PG_GETARG_ARRAYTYPE_P(1)));
}
