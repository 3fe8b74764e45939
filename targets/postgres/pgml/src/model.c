/*
 * model.c: the models that this backend has loaded, and how it learns that they have changed.
 *
 * A model is read from its table once a backend. Statement triggers on the model tables (pgml._changed) send a relcache
 * invalidation of the table, which PostgreSQL delivers exactly as it delivers changes of a schema: to this backend with
 * the next command, to others when the transaction commits, never when it rolls back, and before another statement
 * takes its locks. The callback only counts; so a prediction pays one comparison to know that its model is current.
 *
 * A model is always looked up with the snapshot of the running statement, so one statement never uses two. When an
 * invalidation arrived meanwhile, that snapshot may show the older deployment; then the model is kept for this statement
 * only, and looked up again by the next.
 */
#include "pgml.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(pgml_changed);

/* All trees; a missing value is NaN; predictions, no margins. */
const char *const pgml_predict_config =
"{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false,\"missing\":NaN}";

#define MODEL_TABLES 4
static const char *const table_names[MODEL_TABLES] = {"projects", "models", "files", "deployments"};
static Oid	tables[MODEL_TABLES];	/* InvalidOid until they are looked up */
static uint64 changes = 1;			/* counts whatever may have changed a model */

/* One statement of one transaction. */
typedef struct Moment
{
	LocalTransactionId transaction;
	CommandId	command;
	TimestampTz statement;
} Moment;

/* By project: which model answers. By model: the booster. */
typedef struct Deployment
{
	char	   *project;
	int64		model_id;
	uint64		as_of;			/* `changes` when it was looked up; 0: only for the moment below */
	Moment		only_for;
	struct Deployment *next;
} Deployment;

typedef struct LoadedModel
{
	Model		model;
	uint64		as_of;
	Moment		only_for;
	MemoryContext context;
	struct LoadedModel *next;
} LoadedModel;

static Deployment *deployments;
static LoadedModel *models;

static void
on_invalidation(Datum argument, Oid relation)
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
		ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("pgml._changed is a trigger function"));
	CacheInvalidateRelcacheByRelid(RelationGetRelid(((TriggerData *) fcinfo->context)->tg_relation));
	return PointerGetDatum(NULL);
}

static Moment
this_moment(void)
{
#if PG_VERSION_NUM >= 170000
	LocalTransactionId transaction = MyProc->vxid.lxid;
#else
	LocalTransactionId transaction = MyProc->lxid;
#endif
	return (Moment) {transaction, GetCurrentCommandId(false), GetCurrentStatementStartTimestamp()};
}

static bool
is_current(uint64 as_of, Moment only_for)
{
	Moment		this;

	if (as_of == changes)
		return true;
	if (as_of != 0)
		return false;
	this = this_moment();
	return only_for.transaction == this.transaction && only_for.command == this.command &&
		only_for.statement == this.statement;
}

/* The tables of the extension as it is now: DROP and CREATE EXTENSION give them other numbers. */
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

static const char *const deployed_query =
"SELECT (SELECT d.model_id FROM pgml.deployments d WHERE d.project_id OPERATOR(pg_catalog.=) p.id"
" ORDER BY d.id DESC LIMIT 1) FROM pgml.projects p WHERE p.name OPERATOR(pg_catalog.=) $1";
static const char *const file_query =
"SELECT f.data FROM pgml.files f WHERE f.model_id OPERATOR(pg_catalog.=) $1 ORDER BY f.part LIMIT 1";

/* What a look-up found. */
typedef enum Found
{
	FOUND, FOUND_NULL, FOUND_NOTHING
} Found;

/* Runs a query of one value with the active snapshot; the value belongs to SPI. */
static Found
ask(const char *query, Oid type, Datum argument, Datum *value)
{
	bool		isnull;

	SPI_execute_with_args(query, 1, &type, &argument, NULL, true, 1);
	if (SPI_processed == 0)
		return FOUND_NOTHING;
	*value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? FOUND_NULL : FOUND;
}

/*
 * Whether the newest committed state gives the same answer as the statement's snapshot did. Where that cannot be asked
 * (in a parallel query), the answer is no, which only costs a look-up in the next statement.
 */
static bool
is_newest(const char *query, Oid type, Datum argument, int64 model_id)
{
	Datum		value;
	Found		found;

	if (IsInParallelMode() || IsParallelWorker())
		return false;
	PushActiveSnapshot(GetLatestSnapshot());
	found = ask(query, type, argument, &value);
	PopActiveSnapshot();
	return found == FOUND && DatumGetInt64(value) == model_id;
}

static Deployment *
deployment_of(const char *project)
{
	for (Deployment *each = deployments; each != NULL; each = each->next)
		if (strcmp(each->project, project) == 0)
			return each;
	return NULL;
}

static LoadedModel *
loaded(int64 model_id)
{
	for (LoadedModel *each = models; each != NULL; each = each->next)
		if (each->model.model_id == model_id)
			return each;
	return NULL;
}

/* Frees a model that is in no list. */
static void
unload(LoadedModel *model)
{
	XGBoosterFree(model->model.booster);
	MemoryContextDelete(model->context);
}

/*
 * Everything that was looked up before the last change is looked up again when it is needed; models that changed or are
 * no longer deployed must not stay in memory for ever.
 */
static void
forget_outdated(void)
{
	static uint64 last_swept = 0;
	LoadedModel **link = &models;

	if (last_swept == changes)
		return;
	last_swept = changes;
	while (*link != NULL)
	{
		LoadedModel *each = *link;

		if (is_current(each->as_of, each->only_for))
		{
			link = &each->next;
			continue;
		}
		*link = each->next;
		unload(each);
	}
}

static LoadedModel *
load(int64 model_id, bytea *data)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "pgml model", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	LoadedModel *made = palloc0(sizeof(LoadedModel));
	BoosterHandle booster = NULL;
	bst_ulong	features = 0;

	made->context = context;
	made->model.model_id = model_id;
	MemoryContextSwitchTo(before);
	PG_TRY();
	{
		pgml_check(XGBoosterCreate(NULL, 0, &booster), ERRCODE_OUT_OF_MEMORY, "create a model");
		/* XGBoost reads the first two bytes without asking whether they are there. */
		if (VARSIZE_ANY_EXHDR(data) < 2 ||
			XGBoosterLoadModelFromBuffer(booster, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data)) != 0)
			ereport(ERROR,
					errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("model " INT64_FORMAT " cannot be read from pgml.files", model_id),
					errdetail("XGBoost refuses its " UINT64_FORMAT " bytes.", (uint64) VARSIZE_ANY_EXHDR(data)),
					errhint("Train the project again, or deploy another of its models."));
		/* One row has nothing to share between threads; waking them costs more than the prediction. */
		pgml_check(XGBoosterSetParam(booster, "nthread", "1"), ERRCODE_INTERNAL_ERROR, "set the number of threads");
		pgml_check(XGBoosterGetNumFeature(booster, &features), ERRCODE_DATA_CORRUPTED, "read the model");
	}
	PG_CATCH();
	{
		if (booster != NULL)
			XGBoosterFree(booster);
		MemoryContextDelete(context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	made->model.booster = booster;
	made->model.features = (int) features;
	made->model.row = palloc(sizeof(float) * Max(features, 1));
	made->model.row_interface = pgml_array_interface(made->model.row, 1, made->model.features);
	MemoryContextSwitchTo(before);
	return made;
}

/* Looks a model up by its number; SPI is connected and the model tables may be read. */
static LoadedModel *
find_model(int64 model_id)
{
	LoadedModel *found = loaded(model_id);
	Datum		data;

	if (found != NULL && is_current(found->as_of, found->only_for))
		return found;
	if (ask(file_query, INT8OID, Int64GetDatum(model_id), &data) != FOUND)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("there is no model " INT64_FORMAT, model_id),
				errhint("pgml.overview lists projects and models."));
	{
		LoadedModel *made = load(model_id, DatumGetByteaPP(data));

		/* The bytes of a number never change in place but by hand; such a change counts, too. */
		made->as_of = changes;
		made->next = models;
		models = made;
		return made;
	}
}

/* Runs `find` with SPI connected and as the owner of the model tables, with names resolved by nobody's search_path. */
typedef Model *(*Finder) (Datum argument);

static Model *
as_owner(Finder find, Datum argument)
{
	Oid			user;
	int			context;
	Model	   *found;

	look_up_tables();
	forget_outdated();
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner_of_tables(), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	found = find(argument);
	SPI_finish();
	/* An error restores both when its transaction ends. */
	SetUserIdAndSecContext(user, context);
	return found;
}

static Model *
find_by_id(Datum argument)
{
	return &find_model(DatumGetInt64(argument))->model;
}

static Model *
find_deployed(Datum argument)
{
	char	   *project = TextDatumGetCString(argument);
	Deployment *known = deployment_of(project);
	uint64		as_of = changes;
	Datum		value = 0;
	int64		model_id;
	Found		found = ask(deployed_query, TEXTOID, argument, &value);
	Model	   *model;

	if (found == FOUND_NOTHING)
		ereport(ERROR,
				errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("there is no project \"%s\"", project),
				errhint("SELECT name FROM pgml.projects; lists them, pgml.train() makes one."));
	if (found == FOUND_NULL)
		ereport(ERROR,
				errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("the project \"%s\" has no deployed model", project),
				errhint("SELECT * FROM pgml.deploy('%s', 'most_recent'); deploys one.", project));
	model_id = DatumGetInt64(value);
	model = &find_model(model_id)->model;
	if (known == NULL)
	{
		known = MemoryContextAllocZero(TopMemoryContext, sizeof(Deployment));
		known->project = MemoryContextStrdup(TopMemoryContext, project);
		known->next = deployments;
		deployments = known;
	}
	known->model_id = model_id;
	known->as_of = is_newest(deployed_query, TEXTOID, argument, model_id) ? as_of : 0;
	known->only_for = this_moment();
	return model;
}

/* The model that answers for a project. */
Model *
pgml_deployed_model(text *project_name)
{
	const char *name = VARDATA_ANY(project_name);
	size_t		length = VARSIZE_ANY_EXHDR(project_name);

	for (Deployment *each = deployments; each != NULL; each = each->next)
		if (strncmp(each->project, name, length) == 0 && each->project[length] == '\0')
		{
			LoadedModel *model;

			if (!is_current(each->as_of, each->only_for))
				break;
			model = loaded(each->model_id);
			if (model == NULL)
				break;
			return &model->model;
		}
	return as_owner(find_deployed, PointerGetDatum(project_name));
}

Model *
pgml_model_by_id(int64 model_id)
{
	LoadedModel *model = loaded(model_id);

	if (model != NULL && is_current(model->as_of, model->only_for))
		return &model->model;
	return as_owner(find_by_id, Int64GetDatum(model_id));
}
