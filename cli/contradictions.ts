/** Flags of one command that cannot be meant together: one of them would have no effect, and nobody would be told. */
import type { Command } from 'commander'
import type { CapacityOptions } from './capacity/steps.ts'
import type { CompareOptions } from './compare.ts'
import type { DescribedTable } from './given.ts'

/** Whether the user wrote it; a default is no wish. */
const isWritten = (command: Command, option: string) => command.getOptionValueSource(option) === 'cli'

/** What describes a table says it in words. */
export function refuseDescribedAsJson(
  { table, json }: { table?: DescribedTable; json?: boolean },
  command: Command,
): void {
  if (table?.describe && json) command.error('error: --describe says it in words: leave it out, or --json')
}

type OfCompare = Omit<CompareOptions, 'command'> & { table?: DescribedTable }

export function refuseContradictions(given: OfCompare, command: Command): void {
  const { pgbouncer, replicas, postgresUrl, pool, aa, json, baseline, thresholds } = given
  const { distance, batch, rate, jitter, links, repeat, looks } = given
  const refuse = (message: string) => command.error(`error: ${message}`)
  // One look is what comes anyway.
  const isLookedAtAgain = looks > 1 && isWritten(command, 'looks')
  const isJudged = json || baseline !== undefined || thresholds !== undefined || isLookedAtAgain
  refuseDescribedAsJson(given, command)
  if (pgbouncer && replicas !== undefined)
    refuse('--pgbouncer stands before one Postgres: leave it out, or --replicas')
  if (pgbouncer && (postgresUrl !== undefined || pool !== undefined))
    refuse(
      '--pgbouncer stands before the embedded Postgres and has its own pool: leave out --postgres-url and --pool',
    )
  if (aa !== undefined && (isJudged || pgbouncer))
    refuse(
      '--json, --baseline, --thresholds, --looks and --pgbouncer are for a comparison: leave them out, or --aa',
    )
  if (distance && (aa !== undefined || isJudged))
    refuse(
      '--distance has tables of its own: leave it out, or --aa, --json, --baseline, --thresholds and --looks',
    )
  if (distance && !links && (replicas ?? 1) > 1)
    refuse('--distance is put before one Postgres: leave it out, or --replicas, or name the other --links')
  if (batch && (aa !== undefined || distance || rate))
    refuse('--batch goes with neither --aa, --distance nor --rate: leave it out, or them')
  if (!distance?.some((ms) => ms > 0) && (jitter !== undefined || links))
    refuse('--jitter and --links go with a --distance above 0')
  if (repeat > 1 && aa === undefined) refuse('--repeat goes with --aa')
}

type OfCapacity = Omit<CapacityOptions, 'command' | 'objective'> & { table?: DescribedTable }

export function refuseHalfAPlan(given: OfCapacity, command: Command): void {
  const { demand, headroom, spare, price, fleet } = given
  refuseDescribedAsJson(given, command)
  if (demand === undefined && [headroom, spare, price, fleet].some((each) => each !== undefined))
    command.error('error: --headroom, --spare, --price and --fleet are for a plan: give --demand, too')
  if (price !== undefined && fleet !== undefined)
    command.error('error: --price and --fleet both say what a host costs: give one of them')
}
