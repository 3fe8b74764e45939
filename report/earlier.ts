/**
 * Runs of the version before, as this one has them. That version knew one comparison only, so that its sides follow from their names:
 * the one place that still reads them.
 */
import { published } from '../workload/published.ts'

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : [])

const sides = ['postgres', 'python']

/** Parts of the way, by their key's end, with the field of a cost that held their time. */
const parts: Record<string, { field: string; until: string }> = {
  constant: { field: 'constantMs', until: 'server without a row' },
  framework: { field: 'frameworkMs', until: 'HTTP and framework' },
  store: { field: 'storeMs', until: 'feature store' },
}

const modes = ['simple', 'extended', 'prepared']

/** `postgres-fast`, `python_2`, `postgres-null` */
function sideFacts(key: string, queryMode: unknown) {
  const of = sides.find((side) => key.startsWith(side)) ?? key
  const variant = key.slice(of.length + 1).replace(/_\d+$/, '')
  const isPart = variant in parts
  return {
    key,
    base: of,
    protocol: of === 'postgres' ? 'sql' : 'http',
    role: variant === 'null' ? 'null' : isPart ? 'part' : 'predict',
    ...((variant === 'null' || isPart) && { of }),
    ...(isPart && { until: parts[variant]?.until }),
    ...(variant === 'fast' && { of, until: 'row' }),
    ...(of === 'postgres' && { mode: modes.includes(variant) ? variant : queryMode }),
  }
}

function measurementOf(before: Fields): Fields {
  const { settings, blocks, ...rest } = before
  if (!isFields(settings)) return before
  const { queryMode, serializer: _serializer, ...kept } = settings
  const keys = [
    ...((settings.sides as string[] | undefined) ?? []),
    ...((settings.beside as string[] | undefined) ?? []),
  ]
  return {
    ...rest,
    version: 3,
    workload: { name: 'flights', sides, asked: keys.map((key) => sideFacts(key, queryMode)) },
    settings: kept,
    blocks: list(blocks).map(({ target: _target, ...block }) => block),
  }
}

/** The other way of predicting in the database stood among the figures only; a cost knows it as the last part of the way. */
function fastPart(target: unknown, clients: unknown, figures: Fields[]): Fields[] {
  const key = `${target}-fast`
  const fast = figures.find((each) => each.key === key && each.clients === clients)
  return typeof fast?.tps === 'number' && fast.tps > 0
    ? [{ key, until: 'row', ms: (Number(clients) / fast.tps) * 1000 }]
    : []
}

const costOf = ({ target, constantMs, frameworkMs, storeMs, ...cost }: Fields, figures: Fields[]): Fields => {
  const given: Fields = { constantMs, frameworkMs, storeMs }
  return {
    ...cost,
    key: target,
    parts: [
      ...Object.entries(parts).flatMap(([variant, { field, until }]) =>
        typeof given[field] === 'number' ? [{ key: `${target}-${variant}`, until, ms: given[field] }] : [],
      ),
      ...fastPart(target, cost.clients, figures),
    ],
  }
}

const servingOf = ({ clients, postgresBytes, pythonBytes, storeBytes }: Fields): Fields => ({
  clients,
  parts: [
    { side: 'postgres', what: 'server and backends', bytes: postgresBytes },
    { side: 'python', what: "Gunicorn's master and workers", bytes: pythonBytes },
    { side: 'python', what: 'feature store', bytes: storeBytes },
  ],
})

/** The run itself where it is of this version, or of none that is known. */
export function upgraded(run: unknown): unknown {
  if (!isFields(run) || run.version !== 2) return run
  const { measurement, costs, serving, verdict } = run
  return {
    ...run,
    version: 3,
    published,
    ...(isFields(measurement) && { measurement: measurementOf(measurement) }),
    costs: list(costs).map((cost) => costOf(cost, list(isFields(verdict) ? verdict.figures : undefined))),
    ...(serving !== undefined && { serving: list(serving).map(servingOf) }),
    ...(isFields(verdict) && { verdict: { notJudged: [], ...verdict } }),
  }
}
