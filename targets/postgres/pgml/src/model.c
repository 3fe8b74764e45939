/*
 * model.c: the models that this backend has loaded, and how it learns that they have changed.
 *
 * A backend parses a model once. Triggers on the model tables (pgml._changed) send a relcache invalidation of the table,
 * which PostgreSQL delivers exactly as it delivers changes of a schema: to this backend with the next command, to others
 * when the transaction commits, to standbys with its WAL, never when it rolls back. DROP EXTENSION sends it by
 * itself. The callback (in tables.c) only counts; so a prediction pays a few comparisons to know that its model is
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
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

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

typedef struct LoadedModel
{
	Model		model;
	FileVersion version;
	uint64		as_of;			/* pgml_changes for which it is right; 0: for the moment below only */
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
	again = pgml_look_up(project, found->model_id);
	PopActiveSnapshot();
	return again.file && again.model_id == found->model_id && pgml_same_version(&again.version, &found->version);
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

	if (last_swept == pgml_changes)
		return;
	last_swept = pgml_changes;
	while (*link != NULL)
	{
		LoadedModel *each = *link;
		bool		used = each == kept || each->as_of == pgml_changes;

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

/* A model's context hangs below the caller's until it is complete, so an error frees it. */
static LoadedModel *
load(const Found *found)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pgml model", ALLOCSET_SMALL_SIZES);
	LoadedModel *made = MemoryContextAllocZero(context, sizeof(LoadedModel));

	pgml_load(found, &made->model, context);
	made->version = found->version;
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
		if (each->model.model_id == found->model_id && pgml_same_version(&each->version, &found->version))
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

	pgml_look_up_tables();
	before = pgml_changes;
	GetUserIdAndSecContext(&user, &context);
	/* An error restores both when its transaction ends. */
	SetUserIdAndSecContext(pgml_tables_owner(), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	found = pgml_look_up(project, model_id);
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
		if (entry->as_of == pgml_changes)
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
		if (model->model.model_id == model_id && model->as_of == pgml_changes)
		{
			model->moment = now;
			return &model->model;
		}
	model = find(NULL, model_id, &now, &as_of);
	model->as_of = as_of;
	model->moment = now;
	return &model->model;
}
