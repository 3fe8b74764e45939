/*
 * threads.c: XGBoost's threads are kept away from the backend's signals.
 *
 * A backend has one thread, and its signal handlers count on running in it. The threads that OpenMP starts inherit the
 * mask of the thread that starts them; so they are started while all signals are blocked, and the kernel gives each
 * signal to the backend's own thread, as ever. What arrives meanwhile waits, at most for one round of boosting.
 *
 * A backend never forks, so the idle threads that OpenMP keeps cannot be lost in a child; they end with the backend.
 */
#include "pgml.h"

#include "libpq/pqsignal.h"

void
pgml_enter_threads(sigset_t *before)
{
	sigprocmask(SIG_SETMASK, &BlockSig, before);
}

void
pgml_leave_threads(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}
