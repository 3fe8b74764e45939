/**
 * What k6 and its extension are to a scenario, in Node: one virtual user stands for all, and time passes only where a side
 * answers or somebody waits for a moment. So a whole comparison of known answering times can be run in a test, and what comes
 * out be worked out by hand.
 */
import { latenciesOf } from '../../gap/fixture.ts'

export interface Answer {
  /** Milliseconds until it comes. */
  ms: number
  value?: unknown
  error?: Error
  headers?: Record<string, string>
  /** Of a service; absent: 200. */
  status?: number
}

/** What the sides say. @param to address and, for a database, query @param key what is asked: parameters or a body */
export type Answering = (to: string, key: unknown) => Answer

interface Stored {
  ok: number[]
  failed: number[]
  labels: Record<string, number>
  failures: Map<string, { kind: string; count: number; message: string }>
}

export const world = {
  time: 1000,
  answer: (() => ({ ms: 1, value: 1 })) as Answering,
  /** Connections that were opened, and how many of them are open. */
  opened: [] as { address: string; options: unknown }[],
  open: 0,
  /** Connections that each one that is open has lost. */
  lost: 0,
  meetings: {} as Record<string, { at: number; sums: number[] }>,
  turns: new Map<string, number>(),
  series: new Map<string, Stored>(),
  metrics: [] as { name: string; value: number; tags: Record<string, string> }[],
  saved: [] as { file: string; text: string }[],
  /** Files that were tried before anything is written; /no/… cannot be. */
  tried: [] as string[],
  retired: 0,
  aborted: undefined as string | undefined,
}

/** Asks a side, and lets the time pass that it takes. */
export function ask(to: string, key: unknown): Answer {
  const answer = world.answer(to, key)
  world.time += answer.ms
  if (answer.error) throw answer.error
  return answer
}

export function storeOf(side: string, block: string): Stored {
  const name = JSON.stringify([side, block])
  const known = world.series.get(name) ?? { ok: [], failed: [], labels: {}, failures: new Map() }
  world.series.set(name, known)
  return known
}

export const exported = () =>
  [...world.series].map(([name, { ok, failed, labels, failures }]) => {
    const [side, block] = JSON.parse(name) as [string, string]
    const own = { ok: latenciesOf(ok), failed: latenciesOf(failed) }
    return { side, block, ...own, labels, failures: [...failures.values()] }
  })
