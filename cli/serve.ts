/** `inference-gap serve`: both targets on loopback until Ctrl-C, for scenarios by hand. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bundle } from '../build/bundles.ts'
import { inCache, k6Binary, shown } from '../build/paths.ts'
import { forK6 } from '../targets/address/clients.ts'
import { quoted } from './shell.ts'
import { othersOf, readTargets, withTargets } from './targets.ts'

export interface ServeOptions {
  postgresPort?: number
  pythonPort?: number
}

export async function serve(options: ServeOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  return withTargets(
    read,
    signal,
    async (targets) => {
      const { workload, addressOf } = targets
      const variables = new Map(
        [...workload.sides, ...othersOf(targets)].map((side) => [side.address, addressOf(side)]),
      )
      const addresses = [...variables].map(([variable, to]) => ({ variable, to }))
      // A terminal is looked at and recorded; the password of the database stays in a file of its user's own.
      const file = inCache('serve', 'addresses.sh')
      await mkdir(path.dirname(file), { recursive: true })
      await rm(file, { force: true })
      await writeFile(
        file,
        addresses.map(({ variable, to }) => `export ${variable}=${quoted(forK6(to))}\n`).join(''),
        { mode: 0o600 },
      )
      try {
        process.stdout.write(
          `\nBoth targets answer until Ctrl-C: ${workload.sides.map((side) => String(addressOf(side))).join(' and ')}. In another terminal:\n
  . ${quoted(shown(file))}
  ${quoted(shown(k6Binary))} run --address '' ${quoted(shown(bundle('postgres-predict')))}\n\n`,
        )
        signal.throwIfAborted()
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        throw signal.reason
      } finally {
        await rm(file, { force: true })
      }
    },
    { beside: true },
  )
}
