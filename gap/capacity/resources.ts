/** Which resource ends first: what was used at the highest rate that held. */

export interface Part {
  /** The side; the client's own is the empty text. */
  side: string
  /** In words, as "server and backends". */
  what: string
  /** Processors that were busy in the mean. */
  processors: number
}

/** At one side's rate, while only this side was asked. */
export interface Resources {
  side: string
  /** Requests a second. */
  rate: number
  /** Absent where processes are not ours to look into, or the system does not tell. */
  parts: Part[]
  /** Of the machine that the client runs on, shares of all its processors' time; absent where the system does not tell. */
  machine?: { cores: number; busy: number; stolen: number }
  /** Connections of the client that were at work in the mean, by Little's law; and how many it may have. */
  inFlight: number
  clients: number
  /** Share of the arrivals that found no client free. */
  waited: number
  /** Of a database: what it says itself. */
  activity?: {
    connections: number
    mostConnections: number
    active: number
    waits: { what: string; share: number }[]
  }
}

/** From here on a resource is all but used up. */
const full = 0.9
/** A wait that is told of. */
const noticeable = 0.3

const percent = (share: number) => `${Math.round(share * 100)} %`

/** One sentence: what is used up, else what comes nearest to it. */
export function endsFirst(resources: Resources): string {
  const { side, rate, parts, machine, waited, clients, activity } = resources
  const at = `At ${Number(rate.toPrecision(4)).toLocaleString('en')} requests a second of ${side}`
  if (waited > 0.01)
    return `${at}, ${percent(waited)} of the requests found all ${clients} clients waiting for answers: more --clients may reach further.`
  if (activity && activity.connections >= full * activity.mostConnections)
    return `${at}, the database has ${activity.connections} of at most ${activity.mostConnections} connections.`
  const own = parts.filter((part) => part.side === side)
  const used = own.reduce((sum, { processors }) => sum + processors, 0)
  const client = parts.filter((part) => part.side === '').reduce((sum, { processors }) => sum + processors, 0)
  const shares = `${side} uses ${used.toFixed(2)}, the client ${client.toFixed(2)}`
  if (machine && machine.busy + machine.stolen >= full)
    return `${at}, the machine's ${machine.cores} processors are ${percent(machine.busy + machine.stolen)} busy${
      machine.stolen >= 0.02 ? ` (${percent(machine.stolen)} taken by other machines on its host)` : ''
    }${own.length > 0 ? `: ${shares}` : ''}.`
  const wait = activity?.waits.find(({ what, share }) => what !== 'running' && share >= noticeable)
  if (wait) return `${at}, ${percent(wait.share)} of the queries at work wait for ${wait.what}.`
  if (machine && own.length > 0)
    return `${at}, nothing is used up in the mean: ${shares} of ${machine.cores} processors; what ends first is the queue before ${side}, for its latency grows with every burst.`
  return `${at}, what ends first is not known: its processes are not on this machine, and it tells of no wait.`
}
