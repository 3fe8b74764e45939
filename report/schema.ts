/** The published JSON Schemas, made from the schemas that are used: thresholds.json names its own, so that editors complete it. */
import { z } from 'zod'
import { fleetSchema } from '../gap/capacity/fleet.ts'
import { thresholdsSchema } from '../gap/thresholds.ts'
import { capacityRunSchema } from './capacity/run.ts'
import { runSchema } from './run.ts'
import { trainingRunSchema } from './training/run.ts'

const options = { io: 'input', reused: 'ref' } as const

/** File below schema/ to its text. */
export const schemas = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      'thresholds.schema.json': thresholdsSchema,
      'run.schema.json': runSchema,
      'capacity.schema.json': capacityRunSchema,
      'training.schema.json': trainingRunSchema,
      'fleet.schema.json': fleetSchema,
    }).map(([file, schema]) => [file, `${JSON.stringify(z.toJSONSchema(schema, options), null, 2)}\n`]),
  )
