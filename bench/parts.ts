/** One comparison, measured by one k6 or by several that share it (docs/machines.md), all on this machine. */
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { endOf, ran } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { addressesOf, k6Command, scenarioOf } from '../cli/k6.ts'
import { type Targets, wholeAddresses } from '../cli/targets.ts'
import { type Measurement, readMeasurement } from '../gap/measurement.ts'
import { joined } from '../gap/parts.ts'
import type { Address } from '../targets/asker.ts'
import { boundToParent } from '../targets/server.ts'

export interface Shared {
  /** How many k6 share it. */
  of: number
  /** Seconds between the starts of two of them. */
  apart: number
  /** Seconds from the start of the last one to the moment at which all begin. */
  lead: number
  /** Of the scenario. */
  variables: Record<string, string>
  /** What is asked besides the workload's own addresses. */
  further?: readonly { address: string; to: Address }[]
}

const edge = (at: number, of: number) => (at === 0 || at === of ? String(at / of) : `${at}/${of}`)

const segment = (index: number, of: number): string[] =>
  of === 1
    ? []
    : [
        ...['--execution-segment', `${edge(index, of)}:${edge(index + 1, of)}`],
        ...['--execution-segment-sequence', Array.from({ length: of + 1 }, (_, at) => edge(at, of)).join()],
      ]

/** @param folder for what each leaves */
export async function measureShared(
  { of, apart, lead, variables, further = [] }: Shared,
  targets: Targets,
  folder: string,
  signal: AbortSignal,
): Promise<Measurement> {
  const startAt = new Date(Date.now() + (apart * (of - 1) + lead) * 1000).toISOString()
  const script = scenarioOf(targets, 'compare')
  // Where one has failed, the others are of no use.
  const ending = new AbortController()
  const lasting = AbortSignal.any([signal, ending.signal])
  const parts = Array.from({ length: of }, async (_, index) => {
    await wait(index * apart * 1000, undefined, { signal: lasting })
    const file = path.join(folder, `part-${index + 1}-of-${of}.json`)
    const k6 = await k6Command(['--summary-mode=disabled', '--no-thresholds', ...segment(index, of)], script)
    const [program = '', ...args] = boundToParent(k6.command, 'SIGTERM')
    const { code, all } = await ran(
      program,
      args,
      {
        env: {
          ...targets.variables,
          ...wholeAddresses([...addressesOf(targets), ...further]),
          KEYS_FILE: path.resolve(targets.keysFile),
          ...{ START_AT: startAt, SUMMARY_FILE: file, ...variables, ...k6.env },
        },
        passed: k6.passed,
        signal: lasting,
      },
      'SIGINT',
    )
    if (code !== 0)
      throw new CouldNotMeasure(`part ${index + 1} of ${of} ended with ${code}:\n${endOf(all, 10)}`)
    return { file, measurement: await readMeasurement(file) }
  })
  try {
    return joined(await Promise.all(parts))
  } finally {
    ending.abort()
    await Promise.allSettled(parts)
  }
}
