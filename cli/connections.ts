/** `inference-gap connections`: the first answers of new connections, which a steady state hides, beside the second ones. */
import path from 'node:path'
import { CouldNotMeasure } from '../build/failure.ts'
import { connectionsRows, failuresOfConnections, parseConnections } from '../gap/connections.ts'
import { formats } from '../report/connections/formats.ts'
import type { ConnectionsRun } from '../report/connections/run.ts'
import { connectionsTerminal } from '../report/connections/terminal.ts'
import { type Results, withResults } from '../report/results.ts'
import { machine } from '../targets/facts.ts'
import { sample } from '../targets/parity.ts'
import type { QueryMode } from '../workload/workload.ts'
import { allPredicting, keysOfParity, parityOf } from './asked.ts'
import { exitCode } from './exit-codes.ts'
import { addressesOf, runK6 } from './k6.ts'
import { show } from './progress.ts'
import { type GivenTargets, readTargets, withTargets } from './targets.ts'

export interface ConnectionsOptions extends GivenTargets {
  clients: number[]
  rounds: number
  seed: number
  queryMode: QueryMode
  command: string
}

/** Seconds that a side may take for a round, at the most. */
const ofARound = 30

export async function connections(options: ConnectionsOptions, signal: AbortSignal): Promise<number> {
  const { clients, rounds, seed, queryMode } = options
  const read = await readTargets(options)
  const work = (left: Results<ConnectionsRun>, startedAt: Date) =>
    withTargets(
      read,
      signal,
      async (targets) => {
        await parityOf(targets, sample(targets.keys, keysOfParity, seed))
        const sides = allPredicting(targets, queryMode)
        let summary = ''
        await show.one(`Open connections of ${sides.join(', ')}`, () =>
          runK6({
            ...{ scenario: 'connections', targets, addresses: addressesOf(targets), left },
            limit: 60 + ofARound * rounds * sides.length * clients.length,
            signal,
            onDescriptors: [
              (line) => {
                summary = line
              },
            ],
            env: {
              KEYS_FILE: path.resolve(targets.keysFile),
              SUMMARY_FILE: '/dev/fd/3',
              SIDES: sides.join(),
              CLIENTS: clients.join(),
              ROUNDS: String(rounds),
              SEED: String(seed),
              QUERY_MODE: queryMode,
            },
          }),
        )
        const found = parseConnections(summary)
        const run: ConnectionsRun = {
          startedAt: startedAt.toISOString(),
          command: options.command,
          machine: machine(),
          rows: connectionsRows(found),
          found,
        }
        await left.leave(run)
        process.stdout.write(`${connectionsTerminal(run)}\n\n${left.said()}\n`)
        const failures = failuresOfConnections(found)
        if (failures.length > 0)
          throw new CouldNotMeasure(
            `Not all new connections gave their answers:\n${failures.map((each) => `  - ${each}`).join('\n')}`,
            'A database takes only so many connections at once (max_connections); fewer --clients, or a pool before it',
          )
        return exitCode.pass
      },
      { beside: true },
    )
  return withResults(work, formats)
}
