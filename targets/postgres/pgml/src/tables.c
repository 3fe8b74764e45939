/*
 * tables.c: what the extension's tables say of models, and that they may have changed.
 */
#include "pgml.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "storage/itemptr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(pgml_changed);

#define MODEL_TABLES 4
#define FILES 2
static const char *const table_names[MODEL_TABLES] = {"projects", "models", "files", "deployments"};
static Oid	tables[MODEL_TABLES];	/* InvalidOid until they are looked up */
static bool has_sha256;			/* not before version 0.2.0 of the extension's SQL */
uint64		pgml_changes = 1;	/* counts whatever may have changed a model */

static void
on_invalidation(Datum argument pg_attribute_unused(), Oid relation)
{
	for (int i = 0; i < MODEL_TABLES; i++)
		if (relation == InvalidOid || tables[i] == InvalidOid || relation == tables[i])
		{
			pgml_changes++;
			return;
		}
}

/* Trigger: tells every backend that the table has changed. */
Datum
pgml_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("pgml._changed is a trigger function"));
	CacheInvalidateRelcacheByRelid(RelationGetRelid(((TriggerData *) fcinfo->context)->tg_relation));
	return PointerGetDatum(NULL);
}

/*
 * The tables of the extension as it is now: DROP and CREATE EXTENSION give them other numbers.
 */
void
pgml_look_up_tables(void)
{
	static bool registered = false;
	Oid			schema = get_namespace_oid("pgml", false);

	if (!registered)
		CacheRegisterRelcacheCallback(on_invalidation, (Datum) 0);
	registered = true;
	for (int i = 0; i < MODEL_TABLES; i++)
	{
		tables[i] = get_relname_relid(table_names[i], schema);
		if (tables[i] == InvalidOid)
			ereport(ERROR,
					errcode(ERRCODE_UNDEFINED_TABLE),
					errmsg("the table pgml.%s is gone", table_names[i]),
					errhint("DROP EXTENSION pgml CASCADE, then CREATE EXTENSION pgml."));
	}
	has_sha256 = get_attnum(tables[FILES], "sha256") != InvalidAttrNumber;
}

/* Who owns the model tables: whoever may predict need not be allowed to read them. */
Oid
pgml_tables_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(tables[0]));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", tables[0]);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Every operator is qualified: whoever predicts has a search_path of their own. */
static const char *const deployed_query =
"SELECT (SELECT d.model_id FROM pgml.deployments d WHERE d.project_id OPERATOR(pg_catalog.=) p.id"
" ORDER BY d.id DESC LIMIT 1) FROM pgml.projects p WHERE p.name OPERATOR(pg_catalog.=) $1";
#define FILE_QUERY(sha256) \
	"SELECT f.data, f.tableoid, f.xmin, f.cmin, f.ctid," \
	" p.task::pg_catalog.text OPERATOR(pg_catalog.=) 'classification'," \
	" CASE WHEN pg_catalog.jsonb_typeof(s.columns) OPERATOR(pg_catalog.=) 'array'" \
	" THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(s.columns)) END, " sha256 \
	" FROM pgml.files f JOIN pgml.models m ON m.id OPERATOR(pg_catalog.=) f.model_id" \
	" JOIN pgml.projects p ON p.id OPERATOR(pg_catalog.=) m.project_id" \
	" LEFT JOIN pgml.snapshots s ON s.id OPERATOR(pg_catalog.=) m.snapshot_id" \
	" WHERE f.model_id OPERATOR(pg_catalog.=) $1 ORDER BY f.part LIMIT 1"

static bool
run(const char *query, Oid type, Datum argument)
{
	if (SPI_execute_with_args(query, 1, &type, &argument, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the model tables: %s", SPI_result_code_string(SPI_result));
	return SPI_processed == 1;
}

static Datum
column(int number, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, number, isnull);
}

/* Looks up a project's model, or with no project the given one, as the active snapshot shows it. */
Found
pgml_look_up(text *project, int64 model_id)
{
	Found		found = {.project = true, .model = true, .model_id = model_id};
	bool		isnull;

	if (project != NULL)
	{
		found.project = run(deployed_query, TEXTOID, PointerGetDatum(project));
		if (!found.project)
			return found;
		found.model_id = DatumGetInt64(column(1, &isnull));
		found.model = !isnull;
		if (!found.model)
			return found;
	}
	found.file = run(has_sha256 ? FILE_QUERY("f.sha256") : FILE_QUERY("NULL::pg_catalog.bytea"), INT8OID, Int64GetDatum(found.model_id));
	if (!found.file)
		return found;
	found.data = column(1, &isnull);
	found.version.table = DatumGetObjectId(column(2, &isnull));
	found.version.xmin = DatumGetTransactionId(column(3, &isnull));
	found.version.cmin = DatumGetCommandId(column(4, &isnull));
	found.version.place = *(ItemPointer) DatumGetPointer(column(5, &isnull));
	found.version.classification = DatumGetBool(column(6, &isnull));
	found.names = column(7, &isnull);
	if (isnull)
		found.names = (Datum) 0;
	found.sha256 = column(8, &isnull);
	if (isnull)
		found.sha256 = (Datum) 0;
	return found;
}

bool
pgml_same_version(const FileVersion *a, const FileVersion *b)
{
	return a->table == b->table && a->xmin == b->xmin && a->cmin == b->cmin &&
		memcmp(&a->place, &b->place, sizeof(ItemPointerData)) == 0 && a->classification == b->classification;
}
