/** A table of the user's own: what is understood of it, and the workload that follows. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { root, thresholdsFile } from '../build/paths.ts'
import { writeWhole } from '../build/place.ts'
import { preparedScaled } from '../datasets/flights.ts'
import type { Prepared } from '../datasets/prepared.ts'
import type { Scale } from '../datasets/scaled.ts'
import { describeTable, type GivenTable, prepareTable } from '../datasets/table.ts'
import type { Understood } from '../datasets/understood.ts'
import { table as asTable } from '../report/table.ts'
import { exitCode } from './exit-codes.ts'
import { show } from './progress.ts'

function reportOf({ dataset, coded, rows, keys, title, leftOut = [] }: Understood): string {
  const { task, key, hyperparameters, testSize } = dataset
  return [
    '',
    `${title ?? dataset.name}  (${rows.toLocaleString('en')} rows, ${keys.toLocaleString('en')} keys by ${key.join(', ')})`,
    asTable(
      ['column', 'in the file', 'for', 'stored as', 'coding'],
      coded.map(({ column, type, roles, coding }) => [
        ...[column.name, type, roles.join(', '), column.type],
        column.nullable ? `${coding}; may be missing` : coding,
      ]),
    ),
    '',
    ...leftOut.map(({ why, rows: count }) => `Left out, ${count.toLocaleString('en')} rows: ${why}.`),
    `A ${task} by ${JSON.stringify(hyperparameters)}; the last ${100 * testSize} % of the rows are held out.`,
  ].join('\n')
}

/** Says what was understood. */
export async function describe(table: GivenTable): Promise<number> {
  const understood = await show.one(`Read ${table.data}`, () => describeTable(table))
  process.stdout.write(`${reportOf(understood)}\n`)
  return exitCode.pass
}

/**
 * Alone in the checkout: whoever is at work there may have a table of the same name, whose files are written anew.
 * @throws {BadInput} naming what in the table cannot be used
 */
export const preparedTable = (table: GivenTable): Promise<Prepared> =>
  locked(() => show.one(`Read ${table.data}`, (tell) => prepareTable(table, tell)))

const from = (name: string) => JSON.stringify(path.join(root, 'workload', name))

async function written(keys: string, workload: string): Promise<string> {
  const file = path.join(path.dirname(keys), 'workload.ts')
  await mkdir(path.dirname(file), { recursive: true })
  await writeWhole(file, workload)
  return file
}

/** Where the workload lies that asks for a prepared table: beside its keys. @throws {BadInput} */
export async function workloadFileOf(
  { dataset, keys }: Prepared,
  serializer: string | undefined,
): Promise<string> {
  const text = dataset.columns.find(
    ({ name, type }) => dataset.key.includes(name) && !/^(small)?int/.test(type),
  )
  if (serializer === 'msgpack' && text)
    throw new BadInput(
      `--serializer msgpack writes keys of whole numbers of 32 bits only, and ${text.name} is ${text.type}`,
      'Leave it out, or take orjson',
    )
  return written(
    keys,
    `import { embedded } from ${from('embedded.ts')}
import { workload } from ${from('workload.ts')}

export default workload((variables) => ({
  ...embedded(${JSON.stringify(dataset, null, 2)}, variables),
  keys: ${JSON.stringify(path.basename(keys))},
}))
`,
  )
}

/** Scaled flights, and the workload that asks for them: that of the bundled ones. The rows themselves are made later. */
export async function scaledFlights(scale: Scale): Promise<{ prepared: Prepared; file: string }> {
  const prepared = preparedScaled(scale)
  const file = await written(
    prepared.keys,
    `import flights from ${from('flights.ts')}

export default (variables) => ({
  ...flights(variables),
  keys: ${JSON.stringify(path.basename(prepared.keys))},
  thresholds: ${JSON.stringify(thresholdsFile)},
})
`,
  )
  return { prepared, file }
}
