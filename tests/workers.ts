/** Files of end-to-end tests run at once, each in a worker whose servers, models and lock are its own. It loads nothing of ours. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** While one side is asked the other waits, and much is waited for besides: a file keeps two thirds of a processor busy. */
export const workers = 3

/** The cache of a worker, counted from 1; undefined: the checkout's own. */
export const placeOf = (worker: number): string | undefined =>
  worker > 1
    ? fileURLToPath(new URL(path.posix.join('..', '.cache', 'places', String(worker)), import.meta.url))
    : undefined
