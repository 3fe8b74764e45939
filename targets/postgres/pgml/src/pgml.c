/*
 * pgml.c: the module itself, and what it is made of.
 */
#include "pgml.h"

#include "utils/builtins.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	pgml_register_log();
	pgml_define_settings();
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
