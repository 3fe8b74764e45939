/**
 * From one host to many: hosts, use and cost for a demand.
 *
 * Hosts are planned as independent: n of them serve n times what one does, behind something that spreads requests evenly.
 * Headroom is a share of each host's capacity that no demand is planned for: with 30 % a host is planned for at most 70 % of it.
 * Spare hosts come on top: with all of them lost, the others still have their headroom.
 */
import { type Capacity, endsOf, isKnown, type NoCapacity } from './capacity.ts'
import { type Fleet, type Part, partsFor } from './fleet.ts'

export interface Wanted {
  /** Predictions a second, above 0. */
  demand: number
  /** Share of a host's capacity that is kept free, from 0 to below 1. */
  headroom: number
  /** Hosts on top of those that are needed. */
  spare: number
  /** Without it nothing is said of cost. */
  fleet?: Fleet | undefined
}

export interface Cost {
  hour: number
  /** 730 hours, a twelfth of a year. */
  month: number
  /** Of a million predictions, while the demand is what it is planned for. */
  perMillion: number
  /** What the hour is made of. */
  parts: { name: string; number: number; hour: number }[]
}

/** What so many hosts would be like. */
export interface Fit {
  hosts: number
  /** Share of each one's capacity that the demand takes; above 1 it is more than they can serve. */
  use: number
  /** What they lack: they cannot serve the demand, or they can with less headroom than is wanted. */
  exceeds: 'capacity' | 'headroom' | 'nothing'
}

export interface SidePlan {
  side: string
  /** Requests a second of one host, as the plan takes it: what was found, or what the side does at least. */
  capacity: number
  /** Why the side may do more than the plan takes it to do, so that all hosts and costs are "at most". */
  atMost?: string
  /** All hosts, spare ones included. */
  hosts: number
  /** Hosts without the spare ones. */
  needed: number
  /** All hosts, were the capacity at its interval's upper end. */
  fewest: number
  /** All hosts, were the capacity what the side surely holds: its interval's lower end, or the lower rate that fresh sessions confirmed; null: no number of hosts is enough there. */
  most: number | null
  /** Share of each host's capacity that the demand takes while all hosts are up. */
  use: number
  /** The same with the spare ones lost. */
  useWithoutSpare: number
  /** One host fewer than is needed, the spare ones lost; absent where one host is all. */
  fewer?: Fit
  /** Absent where nothing is known of prices. */
  cost?: Cost
  /** At the ends of the interval; absent where there is no cost, null where no number of hosts is enough. */
  costRange?: { low: Cost; high: Cost | null }
}

/** A side of which no capacity is known, or for which no number of hosts is enough. */
export interface NoPlan {
  side: string
  /** In words. */
  why: string
}

export interface Plan {
  demand: number
  headroom: number
  spare: number
  /** Code of the currency (ISO 4217); absent: prices are in whatever unit the user meant. */
  currency?: string
  sides: (SidePlan | NoPlan)[]
}

export const isPlanned = (plan: SidePlan | NoPlan): plan is SidePlan => 'hosts' in plan

const hoursAMonth = 730

/** 7 ÷ (10 × (1 − 0.3)) is 1 host, also where fractions of two leave a rest of 10⁻¹⁶. */
const hostsFor = (demand: number, capacity: number, free: number) =>
  Math.max(1, Math.ceil((demand / (capacity * (1 - free))) * (1 - 1e-9)))

/** Hosts without spare ones; null where none is enough. */
function neededFor({ demand, headroom }: Wanted, capacity: number): number | null {
  const needed = hostsFor(demand, capacity, headroom)
  return Number.isSafeInteger(needed) ? needed : null
}

function costOf(demand: number, made: readonly Part[], hosts: number): Cost {
  const parts = made.map((part) => {
    const number = partsFor(part, hosts)
    return { name: part.name, number, hour: number * part.price }
  })
  const hour = parts.reduce((sum, part) => sum + part.hour, 0)
  return { hour, month: hour * hoursAMonth, perMillion: hour / ((demand * 3600) / 1e6), parts }
}

/** What so many hosts of this capacity would be like at the demand, with none to spare. */
export function fitOf({ demand, headroom }: Wanted, capacity: number, hosts: number): Fit {
  const exceeds = (free: number) => hosts < hostsFor(demand, capacity, free)
  return {
    hosts,
    use: demand / (hosts * capacity),
    exceeds: exceeds(0) ? 'capacity' : exceeds(headroom) ? 'headroom' : 'nothing',
  }
}

function sidePlan(wanted: Wanted, given: Capacity | NoCapacity): SidePlan | NoPlan {
  if (!isKnown(given)) return { side: given.side, why: `no hosts are planned: ${given.why}` }
  const { side, atLeast } = given
  const capacity = atLeast?.rate ?? given.capacity
  const needed = neededFor(wanted, capacity)
  if (needed === null)
    return { side, why: `at ${capacity} predictions a second for each host no number of hosts is enough` }
  const { demand, spare, fleet } = wanted
  const hosts = needed + spare
  // Of a side that may do more, nobody knows how much more.
  const [low, high] = endsOf(given)
  const fewest = (atLeast ? 1 : (neededFor(wanted, high) ?? needed)) + spare
  const atLow = atLeast ? needed : neededFor(wanted, low)
  const most = atLow === null ? null : atLow + spare
  const parts = fleet?.sides[side]?.parts
  return {
    side,
    capacity,
    ...(atLeast && { atMost: atLeast.why }),
    hosts,
    needed,
    fewest,
    most,
    use: demand / (hosts * capacity),
    useWithoutSpare: demand / (needed * capacity),
    ...(needed > 1 && { fewer: fitOf(wanted, capacity, needed - 1) }),
    ...(parts && {
      cost: costOf(demand, parts, hosts),
      costRange: {
        low: costOf(demand, parts, fewest),
        high: most === null ? null : costOf(demand, parts, most),
      },
    }),
  }
}

/** @throws {RangeError} where the demand, the headroom or the spare hosts are none; users' flags are refused before */
export function planOf(found: readonly (Capacity | NoCapacity)[], wanted: Wanted): Plan {
  const { demand, headroom, spare, fleet } = wanted
  if (!(demand > 0 && Number.isFinite(demand))) throw new RangeError(`demand ${demand}; expected above 0`)
  if (!(headroom >= 0 && headroom < 1)) throw new RangeError(`headroom ${headroom}; expected 0 to below 1`)
  if (!(Number.isSafeInteger(spare) && spare >= 0)) throw new RangeError(`spare ${spare}; expected 0 or more`)
  return {
    demand,
    headroom,
    spare,
    ...(fleet?.currency !== undefined && { currency: fleet.currency }),
    sides: found.map((each) => sidePlan(wanted, each)),
  }
}
