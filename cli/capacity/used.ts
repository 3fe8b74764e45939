/** What is used up at a rate: one side alone is asked at it, while processors and waits are looked at. */
import { k6Binary } from '../../build/paths.ts'
import type { Resources } from '../../gap/capacity/resources.ts'
import type { Measurement } from '../../gap/measurement.ts'
import type { PostgresAddress } from '../../targets/address/postgres.ts'
import { machine } from '../../targets/facts.ts'
import { ActivityWatch } from '../../targets/postgres/activity.ts'
import {
  allOf,
  canMeasureProcessors,
  ProcessorWatch,
  runningProgram,
  type Watched,
} from '../../targets/processors.ts'
import { predictingSides, type Targets } from '../targets.ts'
import type { Rounds } from './rounds.ts'
import { stretchesOf } from './stretches.ts'

const rounds = 2

/** @param rate requests a second */
export async function usedAt(
  side: string,
  rate: number,
  clients: number,
  measure: Rounds,
  targets: Targets,
  signal: AbortSignal,
  progress: (what: string) => void,
): Promise<Resources> {
  let k6: number | undefined
  const watched: Watched[] = [
    {
      side: '',
      what: 'k6',
      processes: () => {
        k6 ??= runningProgram(k6Binary)
        return allOf(k6)
      },
    },
    ...(targets.stack?.parts() ?? []).map(({ pid, ...part }, index) => ({
      ...part,
      // A restart gives the part another process.
      processes: () => allOf(targets.stack?.parts()[index]?.pid ?? pid),
    })),
  ]
  const processors = canMeasureProcessors ? new ProcessorWatch(watched) : undefined
  const asked = predictingSides(targets).find((each) => each.side.name === side)
  const activity =
    asked?.side.protocol === 'sql' ? new ActivityWatch(asked.address as PostgresAddress, signal) : undefined
  let measurement: Measurement
  try {
    const round = { [side]: rate }
    const session = await measure.session(
      Array.from({ length: rounds }, () => round),
      progress,
      { beside: false },
    )
    measurement = session.measurement
  } finally {
    await Promise.all([processors?.stop(), activity?.stop()])
  }
  const stretches = stretchesOf(measurement)
  const used = processors?.within(stretches)
  const seen = activity?.within(stretches)
  const own = measurement.blocks.filter(({ key }) => key === side)
  const sum = (of: (block: (typeof own)[number]) => number) =>
    own.reduce((total, block) => total + of(block), 0)
  const due = sum(({ open }) => open?.due ?? 0)
  const meanMs =
    sum(({ ok }) => ok.count * (ok.meanMs ?? 0)) /
    Math.max(
      1,
      sum(({ ok }) => ok.count),
    )
  return {
    side,
    rate,
    parts: used
      ? watched.map(({ side, what }, index) => ({ side, what, processors: used.processors[index] ?? 0 }))
      : [],
    ...(used && { machine: { cores: machine().cores, ...used.machine } }),
    inFlight: (rate * meanMs) / 1000,
    clients,
    waited: due > 0 ? sum(({ open }) => open?.waited ?? 0) / due : 0,
    ...(seen && {
      activity: {
        connections: seen.connections,
        mostConnections: seen.mostConnections,
        active: seen.active,
        waits: seen.waits.slice(0, 5),
      },
    }),
  }
}
