/*
 * pgml.c: the module itself.
 */
#include "pgml.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	pgml_register_log();
}
