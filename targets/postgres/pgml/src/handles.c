/*
 * handles.c: XGBoost's objects belong to memory contexts.
 *
 * An error leaves C functions without a word, so nothing in them can be relied on to free what C++ allocated. A context
 * is reset or deleted in any case, and takes with it what was made in its name.
 */
#include "pgml.h"

#include "utils/memutils.h"

typedef struct OwnedHandle
{
	void	   *handle;			/* first, so that its address is this struct's */
	int			(*free_handle) (void *);
	MemoryContextCallback callback;
} OwnedHandle;

static void
free_owned(void *argument)
{
	OwnedHandle *owned = argument;

	if (owned->handle != NULL)
		owned->free_handle(owned->handle);
	owned->handle = NULL;
}

/*
 * A place for a handle, empty as yet: it is there before the object is, so that an object never exists without an owner.
 */
void	  **
pgml_owned(MemoryContext owner, int (*free_handle) (void *))
{
	OwnedHandle *owned = MemoryContextAllocZero(owner, sizeof(OwnedHandle));

	owned->free_handle = free_handle;
	owned->callback.func = free_owned;
	owned->callback.arg = owned;
	MemoryContextRegisterResetCallback(owner, &owned->callback);
	return &owned->handle;
}

/* Frees the object before its owner goes. */
void
pgml_free_owned(void **handle)
{
	free_owned(handle);
}
