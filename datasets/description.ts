/** What a dataset's description must be, said by path. */
import { z } from 'zod'
import { columnTypes, type Dataset, tasks } from '../workload/dataset.ts'
import { eachOnce } from '../workload/each-once.ts'
import { namesInWords } from '../workload/shortened.ts'

const name = z.string().min(1)

/** XGBoost's feature names hold none of these. */
const forbidden = /[[\]<]/

const column = z.strictObject({
  name: name
    .refine(
      (text) => Buffer.byteLength(text) <= 63,
      'expected a name of at most 63 bytes, which is as long as Postgres takes',
    )
    .refine((text) => !forbidden.test(text), 'expected a name without [, ] and <, which XGBoost refuses')
    .refine((text) => !/\p{Cc}/u.test(text), 'expected a name of one line'),
  type: z.enum(columnTypes),
  nullable: z.boolean().optional(),
})

const columnNames = z
  .array(name)
  .min(1)
  .check(eachOnce('expected each column once', (each) => each))

const shape = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9_-]{1,40}$/, 'expected a name of at most 40 small letters, digits, - and _'),
  columns: z
    .array(column)
    .min(2)
    .check(eachOnce('expected each name once', (each) => each.name, 'name')),
  features: columnNames,
  target: name,
  key: columnNames,
  task: z.enum(tasks),
  hyperparameters: z
    .record(name, z.union([z.string(), z.number(), z.boolean()]))
    .refine(
      ({ n_estimators: rounds = 1 }) =>
        Number.isInteger(rounds) && (rounds as number) >= 1 && (rounds as number) <= 100_000,
      'expected n_estimators to be a whole number of at least 1, at most 100,000',
    ),
  testSize: z.number().min(0).lt(1),
})

/** Of a name where it stands for a column. */
interface Named {
  path: (string | number)[]
  value: string
}

const textTarget = 'expected a number, and this column is a text'

export const datasetSchema: z.ZodType<Dataset> = shape.superRefine((dataset, context) => {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message })
  const names = dataset.columns.map((each) => each.name)
  const typeOf = (wanted: string) => dataset.columns.find((each) => each.name === wanted)?.type
  const listed = (list: 'features' | 'key'): Named[] =>
    dataset[list].map((value, index) => ({ path: [list, index], value }))
  for (const { path, value } of [
    ...listed('features'),
    ...listed('key'),
    { path: ['target'], value: dataset.target },
  ])
    if (!names.includes(value)) refuse(path, `expected a column; there are ${namesInWords(names)}`)
  for (const { path, value } of [...listed('features'), { path: ['target'], value: dataset.target }])
    if (typeOf(value) === 'text') refuse(path, textTarget)
  if (dataset.features.includes(dataset.target)) refuse(['target'], 'expected a column that is no feature')
  const inOrder = names.filter((each) => dataset.features.includes(each))
  if (inOrder.join() !== dataset.features.join())
    refuse(['features'], 'expected them in the order of the columns')
})
