/** `inference-gap changes`: what clients notice while a new model goes live, or features change, which a steady state hides. */
import path from 'node:path'
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { failuresOfChanges, type Stretch, stretchesOf } from '../gap/changes.ts'
import { moments, takeoverRows } from '../gap/takeover.ts'
import { writesRows } from '../gap/writes.ts'
import { formats } from '../report/changes/formats.ts'
import type { ChangesRun } from '../report/changes/run.ts'
import { changesTerminal } from '../report/changes/terminal.ts'
import { type Results, withResults } from '../report/results.ts'
import { newFeatures } from '../targets/changes/features.ts'
import { newModel } from '../targets/changes/model.ts'
import { bothStates, type ChangeServer, type Changes, startChangeServer } from '../targets/changes.ts'
import { machine } from '../targets/facts.ts'
import { type AskedSide, sample } from '../targets/parity.ts'
import type { Stack } from '../targets/stack.ts'
import type { Pace } from '../workload/changes.ts'
import { predicts } from '../workload/resolve.ts'
import type { AnyKey, QueryMode } from '../workload/workload.ts'
import { allPredicting, keysOfParity } from './asked.ts'
import { exitCode } from './exit-codes.ts'
import { addressesOf, runK6 } from './k6.ts'
import { countdown, show } from './progress.ts'
import {
  type GivenTargets,
  othersOf,
  predictingSides,
  readTargets,
  type Targets,
  withTargets,
} from './targets.ts'

export interface ChangesOptions extends GivenTargets {
  clients: number[]
  rounds: number
  /** Seconds. */
  block: number
  seed: number
  queryMode: QueryMode
  /** Of features, a second; absent: {@link usualWrites}. */
  writes?: number[]
  command: string
}

export const usualWrites = [0, 100]
const writesOf = ({ writes = usualWrites }: ChangesOptions) => writes

/** What can change: how it is made, how it comes, and what is told of it. */
interface Kind {
  title: string
  /** @param keys that may be asked for */
  make(stack: Stack, keys: readonly AnyKey[]): Promise<Changes>
  paces(options: ChangesOptions): readonly Pace[]
  /** Whether it is done so many times a second. */
  isRepeated: boolean
  told(
    stretches: readonly Stretch[],
    options: ChangesOptions,
  ): Pick<ChangesRun, 'takeover' | 'moments' | 'writes'>
}

const kinds = {
  model: {
    title: 'Train another model',
    make: newModel,
    paces: () => [{ once: 0.4 }],
    isRepeated: false,
    told: (stretches, { seed }) => ({ takeover: takeoverRows(stretches, seed), moments: moments(stretches) }),
  },
  features: {
    title: 'Make a row of features for each key',
    make: newFeatures,
    paces: (options) => writesOf(options).map((perSecond) => ({ perSecond })),
    isRepeated: true,
    told: (stretches, options) => ({
      writes: writesRows(stretches, writesOf(options), options.block, options.seed),
    }),
  },
} satisfies Record<string, Kind>

export type What = keyof typeof kinds

/** Of a stretch, besides its load: connecting, and the longest that a change may take. */
const besides = 2

/** All that predict, with the addresses at which they are asked for as long as something changes. */
const askedSides = (targets: Targets): AskedSide[] => [
  ...predictingSides(targets),
  ...othersOf(targets)
    .filter(predicts)
    .map((side) => ({ side, address: targets.addressOf(side) })),
]

/** Targets as they are asked while something changes. */
function changing(targets: Targets, { addresses }: Changes): Targets {
  const instead =
    (of: Targets['addressOf']): Targets['addressOf'] =>
    (side) =>
      addresses[side.address] ?? of(side)
  return { ...targets, addressOf: instead(targets.addressOf), loadAddressOf: instead(targets.loadAddressOf) }
}

async function load(
  options: ChangesOptions,
  paces: readonly Pace[],
  targets: Targets,
  changesUrl: string,
  left: Results<ChangesRun>,
  signal: AbortSignal,
): Promise<Stretch[]> {
  const { clients, rounds, block, seed, queryMode } = options
  const sides = allPredicting(targets, queryMode)
  const lines: string[] = []
  const length = (block + besides) * rounds * sides.length * paces.length * clients.length
  await show.one(`Ask ${sides.join(', ')} meanwhile`, (tell) =>
    countdown(length, tell, () =>
      runK6({
        ...{ scenario: 'changes', targets, addresses: addressesOf(targets), left },
        limit: 60 + 5 * length,
        signal,
        onDescriptors: [(line) => lines.push(line)],
        env: {
          KEYS_FILE: path.join(left.folder, 'keys.json'),
          ANSWERS_FILE: path.join(left.folder, 'answers.json'),
          SUMMARY_FILE: '/dev/fd/3',
          CHANGES_URL: changesUrl,
          PACES: JSON.stringify(paces),
          SIDES: sides.join(),
          CLIENTS: clients.join(),
          ROUNDS: String(rounds),
          BLOCK_SECONDS: String(block),
          SEED: String(seed),
          QUERY_MODE: queryMode,
        },
      }),
    ),
  )
  return stretchesOf(lines, sides)
}

export async function changes(what: What, options: ChangesOptions, signal: AbortSignal): Promise<number> {
  const kind: Kind = kinds[what]
  if (options.writes && !kind.isRepeated)
    throw new BadInput(`--writes says how often features change, not the ${what}`, 'Leave it out')
  const onlyEmbedded = 'changes are made to the embedded targets, of which it is known how they are made'
  const read = await readTargets({ ...options, onlyEmbedded })
  const work = (left: Results<ChangesRun>, startedAt: Date) =>
    withTargets(
      read,
      signal,
      async (own) => {
        const some = sample(own.keys, keysOfParity, options.seed)
        const made = await show.one(kind.title, () => kind.make(own.stack as Stack, some))
        const targets = changing(own, made)
        let server: ChangeServer | undefined
        try {
          const { keys, answers, places } = await show.one(
            'Ask for all answers before and after',
            async (tell) => {
              // Embedded targets are always compared.
              const compare = targets.workload.compare || 'equal'
              const found = await bothStates(made, askedSides(targets), some, compare, targets.asked)
              tell(`${found.keys.length} of ${some.length} keys have another`)
              return found
            },
          )
          if (keys.length === 0)
            throw new CouldNotMeasure(
              'after the change all answers are as before, so nobody could tell when it came',
            )
          await left.keepJson('keys.json', keys)
          await left.keepJson('answers.json', answers)
          server = await startChangeServer(made, places)
          const stretches = await load(options, kind.paces(options), targets, server.url, left, signal)
          const run: ChangesRun = {
            what,
            startedAt: startedAt.toISOString(),
            command: options.command,
            machine: machine(),
            how: Object.entries(made.by).map(([address, { how }]) => ({ address, how })),
            rounds: options.rounds,
            seconds: options.block,
            keys: keys.length,
            ...kind.told(stretches, options),
          }
          await left.leave(run)
          process.stdout.write(`${changesTerminal(run)}\n\n${left.said()}\n`)
          const failures = failuresOfChanges(stretches)
          if (failures.length > 0)
            throw new CouldNotMeasure(
              `Not all questions were answered:\n${failures.map((each) => `  - ${each}`).join('\n')}`,
            )
          return exitCode.pass
        } finally {
          try {
            await server?.stop()
          } finally {
            await made.undo()
          }
        }
      },
      { beside: true },
    )
  return withResults(work, formats)
}
