/*
 * library.c: the call of libxgboost that predicts. Knows a model's booster, and neither how models are kept nor how rows are made.
 */
#include "pgml.h"

/* All trees; a missing value is NaN; predictions, no margins. */
const char *const pgml_predict_config =
"{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false,\"missing\":NaN}";

/* Predicts rows with libxgboost. `outputs` is how many numbers each gets. The answer stays valid until the next call. */
const float *
pgml_predict_rows(Model *model, const char *interface, int rows, int *outputs)
{
	const bst_ulong *shape;
	bst_ulong	dimensions;
	const float *result;

	/*
	 * libxgboost's plain call. The matrix is the model's own and only says where the rows lie: without one libxgboost makes
	 * and frees one in each call, for half as much again. docs/postgresml.md has the measurements.
	 */
	pgml_check(XGBoosterPredictFromDense(model->booster, interface, pgml_predict_config, model->matrix, &shape, &dimensions,
										 &result),
			   ERRCODE_DATA_EXCEPTION, "predict");
	*outputs = 1;
	for (bst_ulong i = 0; i < dimensions; i++)
		*outputs *= (int) shape[i];
	*outputs /= rows;
	return result;
}

/* The same for the model's own row. */
const float *
pgml_library_predict(Model *model, int *outputs)
{
	return pgml_predict_rows(model, model->row_interface, 1, outputs);
}
