/** In each worker before a file of tests is read: whatever it starts has the worker's own cache from here on. */
import { placeOf } from './workers.ts'

const place = placeOf(Number(process.env.VITEST_POOL_ID))
if (place !== undefined) process.env.INFERENCE_GAP_CACHE = place
