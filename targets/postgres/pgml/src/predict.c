/*
 * predict.c: one row in, one prediction out.
 */
#include "pgml.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/guc.h"

typedef enum Predictor
{
	PREDICTOR_XGBOOST,
	PREDICTOR_FAST
} Predictor;

static const struct config_enum_entry predictors[] = {
	{"xgboost", PREDICTOR_XGBOOST, false},
	{"fast", PREDICTOR_FAST, false},
	{NULL, 0, false}
};

static int	predictor = PREDICTOR_XGBOOST;

void
pgml_define_settings(void)
{
	DefineCustomEnumVariable("pgml.predictor", "What computes a prediction.",
							 "xgboost calls libxgboost as it is; fast walks over the model's trees and answers the same, bit for bit.",
							 &predictor, PREDICTOR_XGBOOST, predictors, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("pgml");
}

PG_FUNCTION_INFO_V1(pgml_predict_by_project);
PG_FUNCTION_INFO_V1(pgml_predict_by_model);

/* Copies the array into the model's row; NULL and NaN are missing values. */
static void
fill_row(Model *model, ArrayType *features)
{
	int			count;
	const float *values = (const float *) ARR_DATA_PTR(features);
	const bits8 *present = ARR_NULLBITMAP(features);

	if (ARR_NDIM(features) > 1)
		ereport(ERROR,
				errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				errmsg("features has %d dimensions; expected one row, an array of one dimension", ARR_NDIM(features)),
				errhint("Call pgml.predict() once for each row."));
	count = ARR_NDIM(features) == 0 ? 0 : ARR_DIMS(features)[0];
	if (count != model->features)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("features has %d elements; the model was trained on %d", count, model->features),
				errhint("Give the relation's columns in their order, without the one that is predicted."));
	if (present == NULL)
	{
		memcpy(model->row, values, sizeof(float) * count);
		return;
	}
	for (int i = 0; i < count; i++)
		model->row[i] = (present[i / 8] & (1 << (i % 8))) ? *values++ : NAN;
}

/* Predicts the model's own row with libxgboost. The answer stays valid until the next call. */
const float *
pgml_library_predict(Model *model, int *outputs)
{
	const bst_ulong *shape;
	bst_ulong	dimensions;
	const float *result;

	/*
	 * libxgboost's plain call, no faster than what anyone's extension or service would make: this is what the published
	 * comparison rests on. (A matrix of our own, kept and given as `meta`, would spare a third of its time.)
	 */
	pgml_check(XGBoosterPredictFromDense(model->booster, model->row_interface, pgml_predict_config, NULL,
										 &shape, &dimensions, &result),
			   ERRCODE_DATA_EXCEPTION, "predict");
	*outputs = 1;
	for (bst_ulong i = 0; i < dimensions; i++)
		*outputs *= (int) shape[i];
	return result;
}

static float
predict(Model *model, ArrayType *features)
{
	int			outputs;

	/* Before the row is filled: a new forest is tried on it. */
	if (predictor == PREDICTOR_FAST && model->forest == NULL)
		model->forest = pgml_forest(model, model->context);
	fill_row(model, features);
	if (predictor == PREDICTOR_XGBOOST)
		return pgml_library_predict(model, &outputs)[0];
	return pgml_forest_predict(model->forest, model->row, &outputs)[0];
}

/* pgml.predict(project_name text, features real[]) */
Datum
pgml_predict_by_project(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_deployed_model(PG_GETARG_TEXT_PP(0));

	PG_RETURN_FLOAT4(predict(model, PG_GETARG_ARRAYTYPE_P(1)));
}

/* pgml.predict(model_id bigint, features real[]) */
Datum
pgml_predict_by_model(PG_FUNCTION_ARGS)
{
	Model	   *model = pgml_model_by_id(PG_GETARG_INT64(0));

	PG_RETURN_FLOAT4(predict(model, PG_GETARG_ARRAYTYPE_P(1)));
}
