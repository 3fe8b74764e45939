/*
 * model.c: the models that this backend has loaded, and how it learns that they have changed.
 *
 * A backend parses a model once. Triggers on the model tables (pgml._changed) send a relcache invalidation of the table,
 * which PostgreSQL delivers exactly as it delivers changes of a schema: to this backend with the next command, to others
 * when the transaction commits, to standbys with its WAL, never when it rolls back. DROP EXTENSION sends it by
 * itself. The callback only counts; so a prediction pays a few comparisons to know that its model is
 * current, and no look-up in a table. (Shared memory, as PostgresML has it, would need shared_preload_libraries and would show
 * a deployment before it is committed.)
 *
 * One statement is answered by one model. What a statement sees is its snapshot, so that is what an answer is kept for
 * (see Moment): the invalidation that arrives between two rows of a statement does not matter to its remaining rows. A
 * look-up always reads with that snapshot. When it is not the newest one (REPEATABLE READ, a long statement) and the
 * newest would answer otherwise, the answer holds for that snapshot only.
 */
#include "pgml.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(pgml_changed);

#define MODEL_TABLES 4
#define FILES 2
static const char *const table_names[MODEL_TABLES] = {"projects", "models", "files", "deployments"};
static Oid	tables[MODEL_TABLES];	/* InvalidOid until they are looked up */
static bool has_sha256;			/* not before version 0.2.0 of the extension's SQL */
static uint64 changes = 1;			/* counts whatever may have changed a model */

/*
 * What the active snapshot sees. Of two snapshots that a backend takes one after the other, the set of transactions
 * that run can only shrink below xmax, so equal bounds and counts mean the same set; the rest tells apart what the own
 * transaction has done and undone.
 */
typedef struct Moment
{
	uint32		transaction;
	uint32		subtransaction;
	uint32		xmin;
	uint32		xmax;
	uint32		running;
	uint32		running_subtransactions;
	uint32		command;
} Moment;

/* Which row of pgml.files, and which version of it. */
typedef struct FileVersion
{
	Oid			table;
	TransactionId xmin;
	CommandId	cmin;
	ItemPointerData place;
	bool		classification; /* the project's task, which says what a prediction is */
} FileVersion;

typedef struct LoadedModel
{
	Model		model;
	FileVersion version;
	uint64		as_of;			/* `changes` for which it is right; 0: for the moment below only */
	Moment		moment;			/* of its last use by number */
	struct LoadedModel *next;
} LoadedModel;

/* Which model answers for a project. */
typedef struct Deployment
{
	char	   *project;
	size_t		length;
	LoadedModel *model;			/* NULL: look it up */
	uint64		as_of;
	Moment		moment;
	struct Deployment *next;
} Deployment;

static Deployment *deployments; /* the one that was asked last comes first */
static LoadedModel *models;

static void
on_invalidation(Datum argument pg_attribute_unused(), Oid relation)
{
	for (int i = 0; i < MODEL_TABLES; i++)
		if (relation == InvalidOid || tables[i] == InvalidOid || relation == tables[i])
		{
			changes++;
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

static Moment
moment_of(Snapshot snapshot)
{
#if PG_VERSION_NUM >= 170000
	LocalTransactionId transaction = MyProc->vxid.lxid;
#else
	LocalTransactionId transaction = MyProc->lxid;
#endif

	return (Moment) {
		.transaction = transaction,
		.subtransaction = GetCurrentSubTransactionId(),
		.xmin = snapshot->xmin,
		.xmax = snapshot->xmax,
		.running = snapshot->xcnt,
		.running_subtransactions = (uint32) snapshot->subxcnt,
		.command = snapshot->curcid,
	};
}

static Snapshot
active_snapshot(void)
{
	if (!ActiveSnapshotSet())
		elog(ERROR, "pgml.predict() was called outside of a statement");
	return GetActiveSnapshot();
}

static bool
same_moment(const Moment *a, const Moment *b)
{
	return memcmp(a, b, sizeof(Moment)) == 0;
}

/*
 * The tables of the extension as it is now: DROP and CREATE EXTENSION give them other numbers.
 */
static void
look_up_tables(void)
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
static Oid
owner_of_tables(void)
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

/* What a look-up found, as far as it got. */
typedef struct Found
{
	bool		project;
	bool		model;
	bool		file;
	int64		model_id;
	FileVersion version;
	Datum		data;			/* bytea, perhaps toasted; belongs to SPI */
	Datum		names;			/* of the features, text[]; 0 where nothing says them */
	Datum		sha256;			/* of the data, bytea; 0 where nobody has kept it */
} Found;

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
static Found
look_up(text *project, int64 model_id)
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

static bool
same_version(const FileVersion *a, const FileVersion *b)
{
	return a->table == b->table && a->xmin == b->xmin && a->cmin == b->cmin &&
		memcmp(&a->place, &b->place, sizeof(ItemPointerData)) == 0 && a->classification == b->classification;
}

/*
 * Whether the newest committed state gives the same answer as the statement's snapshot did. Where that cannot be asked
 * (in a parallel query), the answer is no, which only costs a look-up in the next statement.
 */
static bool
is_newest(const Moment *now, text *project, const Found *found)
{
	Snapshot	latest;
	Moment		newest;
	Found		again;

	if (IsInParallelMode() || IsParallelWorker())
		return false;
	latest = GetLatestSnapshot();
	newest = moment_of(latest);
	if (same_moment(now, &newest))
		return true;
	PushActiveSnapshot(latest);
	again = look_up(project, found->model_id);
	PopActiveSnapshot();
	return again.file && again.model_id == found->model_id && same_version(&again.version, &found->version);
}

/*
 * Frees the models that no deployment uses and that were right only before the last change: a backend that lives through
 * many deployments keeps no more of them than it asks for.
 */
static void
sweep(const LoadedModel *kept)
{
	static uint64 last_swept = 0;
	LoadedModel **link = &models;

	if (last_swept == changes)
		return;
	last_swept = changes;
	while (*link != NULL)
	{
		LoadedModel *each = *link;
		bool		used = each == kept || each->as_of == changes;

		for (Deployment *one = deployments; one != NULL && !used; one = one->next)
			used = one->model == each;
		if (used)
			link = &each->next;
		else
		{
			*link = each->next;
			MemoryContextDelete(each->model.context);
		}
	}
}

static void
refuse_file(int64 model_id, const char *why)
{
	ereport(ERROR,
			errcode(ERRCODE_DATA_CORRUPTED),
			errmsg("model " INT64_FORMAT " cannot be read from pgml.files", model_id),
			errdetail("%s", why),
			errhint("Train the project again, or deploy another of its models."));
}

/*
 * XGBoost trusts what it reads: of models with a few wrong bytes one in five ended the process, some while they were
 * loaded and some while they predicted. So damage has to be found before XGBoost sees it: by the digest that was kept
 * with the bytes, and where there is none (a model from elsewhere) at least by whether they are trees at all.
 */
static void
check_file(const Found *found, bytea *data)
{
	if (VARSIZE_ANY_EXHDR(data) < 2)
		refuse_file(found->model_id, psprintf("It has %zu bytes.", (size_t) VARSIZE_ANY_EXHDR(data)));
	if (found->sha256 != (Datum) 0)
	{
		bytea	   *kept = DatumGetByteaPP(found->sha256);
		bytea	   *now = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(data)));

		if (VARSIZE_ANY_EXHDR(kept) != VARSIZE_ANY_EXHDR(now) ||
			memcmp(VARDATA_ANY(kept), VARDATA_ANY(now), VARSIZE_ANY_EXHDR(now)) != 0)
			refuse_file(found->model_id, "Its bytes are not those that were kept: their SHA-256 is another.");
	}
	else
	{
		const char *why = pgml_check_trees((Ubj) {VARDATA_ANY(data), VARDATA_ANY(data) + VARSIZE_ANY_EXHDR(data)});

		if (why != NULL)
			refuse_file(found->model_id, why);
	}
}

/* The objective that the model was trained for, as XGBoost's own description of it says. */
static char *
objective_of(BoosterHandle booster)
{
	static const char *const keys[] = {"learner", "objective", "name"};
	Datum		path[lengthof(keys)];
	bst_ulong	length;
	const char *json;
	LOCAL_FCINFO(call, 2);
	Datum		name;

	pgml_check(XGBoosterSaveJsonConfig(booster, &length, &json), ERRCODE_DATA_CORRUPTED, "describe the model");
	for (size_t i = 0; i < lengthof(keys); i++)
		path[i] = CStringGetTextDatum(keys[i]);
	InitFunctionCallInfoData(*call, NULL, 2, InvalidOid, NULL, NULL);
	call->args[0].value = DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(json, length)));
	call->args[0].isnull = false;
	call->args[1].value = PointerGetDatum(construct_array(path, lengthof(keys), TEXTOID, -1, false, TYPALIGN_INT));
	call->args[1].isnull = false;
	name = jsonb_extract_path_text(call);
	return call->isnull ? "" : TextDatumGetCString(name);
}

/* The names of the features, or NULL unless there is one for each. In the current context. */
static char **
names_of(const Found *found, int features)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	char	  **names;

	if (found->names == (Datum) 0)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(found->names), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count != features)
		return NULL;
	names = palloc(sizeof(char *) * count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			return NULL;
		names[i] = TextDatumGetCString(elements[i]);
	}
	return names;
}

/* Parses the bytes into a model. Its context hangs below the caller's until it is complete, so an error frees it. */
static LoadedModel *
load(const Found *found)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pgml model", ALLOCSET_SMALL_SIZES);
	MemoryContext before;
	LoadedModel *made = MemoryContextAllocZero(context, sizeof(LoadedModel));
	BoosterHandle *booster = pgml_owned(context, XGBoosterFree);
	bytea	   *data = DatumGetByteaPP(found->data);
	Size		length = VARSIZE_ANY_EXHDR(data);
	bst_ulong	features = 0;

	check_file(found, data);
	pgml_check(XGBoosterCreate(NULL, 0, booster), ERRCODE_OUT_OF_MEMORY, "create a model");
	if (XGBoosterLoadModelFromBuffer(*booster, VARDATA_ANY(data), length) != 0)
		refuse_file(found->model_id, psprintf("XGBoost refuses its %zu bytes.", length));
	/* One row has nothing to share between threads; waking them costs more than the prediction. */
	pgml_check(XGBoosterSetParam(*booster, "nthread", "1"), ERRCODE_INTERNAL_ERROR, "set the number of threads");
	pgml_check(XGBoosterGetNumFeature(*booster, &features), ERRCODE_DATA_CORRUPTED, "read the model");
	if (features < 1 || features > MaxAllocSize / sizeof(float))
		refuse_file(found->model_id, "It has no countable features.");
	made->model.answer = pgml_answer_for(objective_of(*booster), found->version.classification);
	before = MemoryContextSwitchTo(context);
	made->model.context = context;
	made->version = found->version;
	made->model.model_id = found->model_id;
	made->model.booster = *booster;
	made->model.features = (int) features;
	made->model.row = palloc(sizeof(float) * features);
	made->model.row_interface = pgml_array_interface(made->model.row, 1, made->model.features);
	made->model.names = names_of(found, made->model.features);
	MemoryContextSwitchTo(before);
	MemoryContextSetParent(context, TopMemoryContext);
	made->next = models;
	models = made;
	return made;
}

/* The model of that file: the one in memory, unless its row has another version by now. */
static LoadedModel *
model_of(const Found *found)
{
	for (LoadedModel *each = models; each != NULL; each = each->next)
		if (each->model.model_id == found->model_id && same_version(&each->version, &found->version))
			return each;
	return load(found);
}

/*
 * Finds a model as the owner of the model tables, in the state that the active snapshot shows. Sets *as_of to what
 * the answer holds for.
 */
static LoadedModel *
find(text *project, int64 model_id, const Moment *now, uint64 *as_of)
{
	Oid			user;
	int			context;
	uint64		before;
	Found		found;
	LoadedModel *model = NULL;

	look_up_tables();
	before = changes;
	GetUserIdAndSecContext(&user, &context);
	/* An error restores both when its transaction ends. */
	SetUserIdAndSecContext(owner_of_tables(), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	found = look_up(project, model_id);
	if (found.file)
	{
		model = model_of(&found);
		*as_of = is_newest(now, project, &found) ? before : 0;
	}
	SPI_finish();
	SetUserIdAndSecContext(user, context);

	if (!found.project)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("there is no project \"%s\"", text_to_cstring(project)),
				errhint("SELECT name FROM pgml.projects; lists them, pgml.train() makes one."));
	if (!found.model)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("the project \"%s\" has no deployed model", text_to_cstring(project)),
				errhint("SELECT * FROM pgml.deploy(%s, 'most_recent'); deploys one.",
						quote_literal_cstr(text_to_cstring(project))));
	if (!found.file)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("there is no model " INT64_FORMAT " in pgml.files", found.model_id),
				errhint("SELECT * FROM pgml.trained_models; lists the models."));
	sweep(model);
	return model;
}

/* The entry of a project, put first; made when there is none. */
static Deployment *
entry_of(const char *project, size_t length)
{
	Deployment **link = &deployments;
	Deployment *entry;

	for (; (entry = *link) != NULL; link = &entry->next)
		if (entry->length == length && memcmp(entry->project, project, length) == 0)
			break;
	if (entry == NULL)
	{
		entry = MemoryContextAllocZero(TopMemoryContext, sizeof(Deployment) + length);
		entry->project = (char *) (entry + 1);
		memcpy(entry->project, project, length);
		entry->length = length;
	}
	else
		*link = entry->next;
	entry->next = deployments;
	deployments = entry;
	return entry;
}

/* Forgets a project, before it is known whether it still has a model. */
static void
forget(Deployment *entry)
{
	deployments = entry->next;	/* entry_of() has put it first */
	pfree(entry);
}

/* The model that answers for a project. */
Model *
pgml_deployed_model(text *project_name)
{
	const char *name = VARDATA_ANY(project_name);
	size_t		length = VARSIZE_ANY_EXHDR(project_name);
	Moment		now = moment_of(active_snapshot());
	Deployment *entry = deployments;
	LoadedModel *model;
	uint64		as_of;

	if (entry == NULL || entry->length != length || memcmp(entry->project, name, length) != 0)
		entry = entry_of(name, length);
	if (entry->model != NULL)
	{
		/* The same statement: the same answer. */
		if (same_moment(&entry->moment, &now))
			return &entry->model->model;
		/* A prepared statement without tables takes no lock, so nobody else has looked for news. */
		AcceptInvalidationMessages();
		if (entry->as_of == changes)
		{
			entry->moment = now;
			return &entry->model->model;
		}
	}
	/* Only what was found is kept: a name that is no project's takes no memory. */
	forget(entry);
	model = find(project_name, 0, &now, &as_of);
	entry = entry_of(name, length);
	entry->model = model;
	entry->as_of = as_of;
	entry->moment = now;
	return &model->model;
}

/* The model of that number. */
Model *
pgml_model_by_id(int64 model_id)
{
	Moment		now = moment_of(active_snapshot());
	LoadedModel *model;
	uint64		as_of;

	for (model = models; model != NULL; model = model->next)
		if (model->model.model_id == model_id && same_moment(&model->moment, &now))
			return &model->model;
	AcceptInvalidationMessages();
	for (model = models; model != NULL; model = model->next)
		if (model->model.model_id == model_id && model->as_of == changes)
		{
			model->moment = now;
			return &model->model;
		}
	model = find(NULL, model_id, &now, &as_of);
	model->as_of = as_of;
	model->moment = now;
	return &model->model;
}
