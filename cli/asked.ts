/** What every command that measures does before: are the answers the same? And what it says of the questions. */
import type { LoadedWorkload } from '../build/workload.ts'
import { factsOf, type Machine, machine } from '../targets/facts.ts'
import { type NullServer, startNullServer } from '../targets/null-server.ts'
import { type AskedSide, answersOf, checkParity, type Parity, sample } from '../targets/parity.ts'
import { inWords, type PgBouncer } from '../targets/postgres/pgbouncer.ts'
import type { Stack } from '../targets/stack.ts'
import { allSides, predicts } from '../workload/resolve.ts'
import type { AnyKey, Draw, QueryMode, Side } from '../workload/workload.ts'
import type { Missed } from './missed.ts'
import { show } from './progress.ts'
import { othersOf, predictingSides, type Targets } from './targets.ts'

export const keysOfParity = 1000
/** In the place of facts that were asked for in vain. */
const unknown = 'could not be asked after the load'
/** Where answers are not compared: only that there is one of the declared kind. */
const keysUncompared = 10

/** Where load goes to several hosts of a side, each of them must answer as the others do. */
const hostByHost = (targets: Targets): AskedSide[] =>
  predictingSides(targets).flatMap((asked): AskedSide[] => {
    const { side } = asked
    const hosts = targets.loadAddressOf(side).each()
    return hosts.length === 1
      ? [asked]
      : hosts.map((address) => ({ side: { ...side, name: `${side.name} at ${address}` }, address }))
  })

/** Where answers may not be compared, or there is nothing to compare with, each side answers all the same. */
export async function parityOf(targets: Targets, keys: AnyKey[]): Promise<Parity | undefined> {
  const { workload, asked } = targets
  const sides = hostByHost(targets)
  const { compare } = workload
  if (compare !== false && sides.length > 1)
    return show.one('Compare the answers of all sides', async (tell) => {
      const found = await checkParity(sides, keys, compare, asked)
      tell(`${found.keys} keys, ${found.identical} bit-identical`)
      return found
    })
  await show.one('Ask each side a few keys', async () => {
    for (const side of sides) await answersOf(side, keys.slice(0, keysUncompared), asked)
  })
  return undefined
}

/** What goes by a pooler. It is a row of its own, beside the side that it leads to. */
const pooledOf = (targets: Targets) =>
  othersOf(targets).filter(({ address }) => targets.stack?.poolers()[address])

/** Through a pooler that does not follow prepared statements the query is sent in extended mode; its name then says so. */
function selectionOf({ name, address }: Side<AnyKey>, queryMode: QueryMode, { stack }: Targets): string {
  const isLost = queryMode === 'prepared' && stack?.poolers()[address]?.followsPreparedStatements === false
  return isLost ? `${name}:extended` : name
}

/** All that predict, the workload's sides and others; its last side last. */
export function allPredicting(targets: Targets, queryMode: QueryMode): string[] {
  const names = allSides(targets.workload)
  const others = othersOf(targets).filter(predicts)
  return [
    ...names.slice(0, -1),
    ...others.map((side) => selectionOf(side, queryMode, targets)),
    ...names.slice(-1),
  ]
}

/** All that is compared: the workload's sides, each with what leads to it by a pooler behind it; the last one stays the last. */
export function rowsOf(targets: Targets, queryMode: QueryMode): string[] {
  const pooled = pooledOf(targets)
  const names = allSides(targets.workload)
  const rowOf = (name: string) => [
    name,
    ...pooled.filter(({ of }) => of === name).map((side) => selectionOf(side, queryMode, targets)),
  ]
  return [...names.slice(0, -1).flatMap(rowOf), ...names.slice(-1)]
}

/** Null operations of all sides, and what the workload asks beside them. */
export function besideOf(targets: Targets): string[] {
  const pooled = pooledOf(targets)
  return [
    ...allSides(targets.workload).map((name) => `${name}:null`),
    ...othersOf(targets).flatMap((side) => (pooled.includes(side) ? [] : side.name)),
  ]
}

/** Gives each side's own answer to one of the keys. */
export function nullServerOf(targets: Targets, seed: number): Promise<NullServer> {
  const { keys, asked } = targets
  const [key] = sample(keys, 1, seed)
  return startNullServer(predictingSides(targets), key, asked)
}

/** Which key is asked for next. */
const drawInWords = (draw: Draw) => (typeof draw === 'object' ? `by Zipf's law, exponent ${draw.zipf}` : draw)

/** Of which kind answers are, and when two are the same. */
const answersInWords = ({ answer, compare }: LoadedWorkload) =>
  `${answer}, ${
    compare === false
      ? 'not compared'
      : typeof compare === 'function'
        ? 'compared by a function'
        : compare === 'equal'
          ? 'the same where they are equal'
          : `the same within ${compare.tolerance}`
  }`

/** The workload as a run tells of it. */
export const workloadOf = ({ workload, keys, keysInAll, rows }: Targets) => ({
  name: workload.name,
  digest: workload.digest,
  keys: keys.length,
  ...(rows !== undefined && { rows }),
  ...(keysInAll > keys.length && { keysInAll }),
  draw: drawInWords(workload.draw),
  answers: answersInWords(workload),
})

/** Which program it is, and where it holds a part of the rows, how many. */
function storeInWords({ featureStore, lists }: Stack): string {
  const version = featureStore?.version.split(' ').slice(0, 3).join(' ') ?? ''
  if (!lists || lists.rows === lists.of) return version
  return `${version} with ${lists.rows.toLocaleString('en')} of ${lists.of.toLocaleString('en')} rows`
}

/** All that answers at an address of its own: the sides, and what predicts beside them elsewhere. */
function answering(targets: Targets): AskedSide[] {
  const sides = predictingSides(targets)
  const known = new Set(sides.map(({ side }) => side.address))
  const others = othersOf(targets).filter((side) => predicts(side) && !known.has(side.address))
  return [...sides, ...others.map((side) => ({ side, address: targets.addressOf(side) }))]
}

/** What took part, asked once the load is over: the machine, versions, and how each side is set up. */
export async function partsOf(
  targets: Targets,
  missed: Missed,
): Promise<{ machine: Machine; versions: Record<string, string>; targets: Record<string, string> }> {
  const { stack, asked } = targets
  const sides = answering(targets)
  const facts = await missed.orElse(
    'versions and settings',
    () => factsOf(sides, stack ? { 'feature store': storeInWords(stack) } : {}, asked.signal),
    { versions: {}, targets: Object.fromEntries(sides.map(({ side }) => [side.name, unknown])) },
  )
  for (const [side, why] of asked.askedAgain ?? []) facts.targets[side] += `, ${why}`
  for (const { name, address } of pooledOf(targets))
    facts.targets[name] += `, by ${inWords(stack?.poolers()[address] as PgBouncer)}`
  return { machine: machine(), ...facts }
}
