/*
 * pgml.c: the module itself, and what it is made of.
 */
#include "pgml.h"

#include "utils/builtins.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

static const struct config_enum_entry predictors[] = {
	{"xgboost", PREDICTOR_XGBOOST, false},
	{"fast", PREDICTOR_FAST, false},
	{NULL, 0, false}
};

int			pgml_predictor = PREDICTOR_XGBOOST;
int			pgml_progress_interval = 5000;

void
_PG_init(void)
{
	pgml_register_log();
	DefineCustomEnumVariable("pgml.predictor", "What computes a prediction.",
							 "xgboost calls libxgboost as it is; fast walks over the model's trees and answers the same, bit for bit.",
							 &pgml_predictor, PREDICTOR_XGBOOST, predictors, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("pgml.progress_interval", "Time between the notices in which a training says how far it is.",
							"0: one for each round; -1: none.",
							&pgml_progress_interval, 5000, -1, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	/* A setting that does not exist is an error and not a wish. */
	MarkGUCPrefixReserved("pgml");
}

PG_FUNCTION_INFO_V1(pgml_version);

/* pgml.version(): of the extension, and of the library that it found at run time */
Datum
pgml_version(PG_FUNCTION_ARGS)
{
	int			major,
				minor,
				patch;

	(void) fcinfo;
	XGBoostVersion(&major, &minor, &patch);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s (XGBoost %d.%d.%d)", PGML_VERSION, major, minor, patch)));
}
