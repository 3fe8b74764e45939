/** What flags are made of: parsers of their values, and options that several commands share. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { faultOf } from '../build/user-file.ts'
import { type Given, parseGiven, UnreadableObjective } from '../gap/capacity/objective.ts'
import { type Dataset, tasks } from '../workload/dataset.ts'
import type { Protocol } from './init.ts'
import type { Rate } from './offered.ts'

/** What users of an interactive product hardly notice. */
export const usualObjective = 'p99<10ms,failures<0.1%'

/** Of flights: their numbers are mixed in whole numbers of 32 bits, and years of 16 end here. */
const mostScaledRows = 1e9

const protocols: readonly Protocol[] = ['sql', 'http']

const inDigits = (value: number) => value.toLocaleString('en')

/** A path. Where there is none a variable was empty; an address in its place may hold a password, and messages show paths. */
export function file(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected the path of a file')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    throw new InvalidArgumentError('expected the path of a file on this machine, not an address')
  return text
}

/** One more of several. */
export const files = (text: string, before: string[] = []): string[] => [...before, file(text)]

/** Digits as people write them: no other base, and nothing that stands for none. NaN for all else. */
const decimal = (text: string) =>
  /^\s*(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN

/**
 * A parser of whole numbers; commander hands it the previous value too, which does not matter.
 * @param most what is above it is no wish but a slip, and no run would end in a lifetime
 */
export const wholeNumber =
  (least: number, most = 1_000_000) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(
        `expected a whole number of at least ${least}, at most ${inDigits(most)}`,
      )
    return value
  }

/** As far as every part of a run counts without losing a digit. */
export const seed = wholeNumber(0, 2 ** 32 - 1)

/** A parser of lengths of time. */
const atLeastOne =
  (unit: string, most: number) =>
  (text: string): number => {
    const value = decimal(text)
    if (!(value >= 1 && value <= most))
      throw new InvalidArgumentError(`expected a number of ${unit} from 1 to ${inDigits(most)}`)
    return value
  }

/** A day. */
export const seconds = atLeastOne('seconds', 86_400)
export const minutes = atLeastOne('minutes', 1440)

const mostRate = 1e7

/** Milliseconds: `0`, `50us`, `0.1ms`, `1`. */
export function length(text: string): number {
  const [, number, unit = 'ms'] = /^(\d+(?:\.\d+)?)(us|µs|ms|s)?$/.exec(text.trim()) ?? []
  // Divided: of 35us a product would be 0.035000000000000003.
  const value = /^[uµ]/.test(unit) ? Number(number) / 1000 : Number(number) * (unit === 's' ? 1000 : 1)
  if (!(value >= 0 && value <= 10_000))
    throw new InvalidArgumentError('expected a length of time from 0 to 10s, as 50us, 0.1ms or 1ms')
  return value
}

/** `0,0.1ms,1ms` */
export function lengths(text: string): number[] {
  const values = text.split(',').map(length)
  if (new Set(values).size < values.length) throw new InvalidArgumentError('expected each distance once')
  return values
}

/** `a,b` @param what they are of */
export const listOf =
  (what: string) =>
  (text: string): string[] => {
    const found = text.split(',').map((part) => part.trim())
    if (found.some((name) => name === ''))
      throw new InvalidArgumentError(`expected names of ${what}, separated by commas`)
    return found
  }

/** Requests a second, or a share as `50%`. */
export function rate(text: string): Rate {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)
  const value = Number(share ? share[1] : text)
  if (share ? !(value > 0 && value <= 1000) : !/^\d+$/.test(text) || value < 1 || value > mostRate)
    throw new InvalidArgumentError(
      `expected a whole number from 1 to ${inDigits(mostRate)}, or a share of the slower target's capacity as 50%`,
    )
  return share ? { share: value / 100 } : value
}

export function port(text: string): number {
  const value = wholeNumber(1)(text)
  if (value > 65535) throw new InvalidArgumentError('expected a port from 1 to 65535')
  return value
}

/** A parser of lists as `1,5,20`. @param what is numbered */
const wholeNumbers =
  (what: string, least = 1, most?: number) =>
  (text: string): number[] => {
    const values = text.split(',').map((part) => wholeNumber(least, most)(part.trim()))
    if (new Set(values).size < values.length) throw new InvalidArgumentError(`expected each ${what} once`)
    return values
  }

export const queryMode = () =>
  new Option('--query-mode <mode>', "pgbench's name of how the query is sent")
    .choices(['simple', 'extended', 'prepared'])
    .default('prepared')

export const serializer = () =>
  new Option('--serializer <name>', 'how the service reads and writes bodies')
    .choices(['json', 'orjson', 'msgpack'])
    .default('json')

export const clientsOption = (usual: number[]) =>
  new Option('--clients <list>', 'numbers of clients, as 1,5,20')
    .argParser(wholeNumbers('number of clients'))
    .default(usual)

export const writesOption = () =>
  new Option(
    '--writes <list>',
    'of features: how many rows are written a second, as 0,100,500; the first is what the others are compared with; default: 0,100',
  ).argParser(wholeNumbers('number of writes', 0, 100_000))

export const batchOption = () =>
  new Option(
    '--batch <sizes>',
    'how many keys are asked for at once, as 1,5,20, where the sides have a batch: predictions a second and latency by that',
  ).argParser(wholeNumbers('size'))

/** Options of the commands whose sides take turns. */
export const inTurns = (command: Command, clients: number[], pairs: number, block = 1.5) =>
  command
    .addOption(clientsOption(clients))
    .option('--pairs <number>', 'blocks of each side at each number of clients', wholeNumber(1), pairs)
    .option('--block <seconds>', 'length of a block', seconds, block)
    .option('--warmup <seconds>', 'most that a warm-up may take until the rates are steady', seconds, 10)
    .option('--seed <number>', 'seed of keys and order', seed, 1)

export const inSessions = (command: Command) =>
  command.option('--sessions <number>', 'how often targets and k6 are started anew', wholeNumber(1), 3)

const names = listOf('columns')

/** `{"n_estimators": 25}` */
function hyperparameters(text: string): Dataset['hyperparameters'] {
  const expected = 'expected an object of numbers, texts and truth values as JSON: {"n_estimators": 25}'
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError(expected)
  }
  // Of a name that stands twice the last value would count.
  const fault = faultOf(text)
  if (fault) throw new InvalidArgumentError(fault.what)
  const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)
  if (
    typeof given !== 'object' ||
    given === null ||
    Array.isArray(given) ||
    !Object.values(given).every(isPlain)
  )
    throw new InvalidArgumentError(expected)
  return given as Dataset['hyperparameters']
}

/** Of Zipf's law. */
function exponent(text: string): number {
  const value = decimal(text)
  if (!(value > 0 && value <= 10)) throw new InvalidArgumentError('expected an exponent above 0, at most 10')
  return value
}

/** Options that say what a table of the user's own is. */
export const ofTables = (command: Command) =>
  command
    .option(
      '--data <file>',
      'a table of your own for the embedded targets: CSV, Parquet or JSON lines, compressed or not, or several by a pattern',
      file,
    )
    .option('--target <column>', 'of --data: what is predicted')
    .option(
      '--key <columns>',
      'of --data: what a prediction is asked for by, as customer_id or store,day',
      names,
    )
    .option('--features <columns>', 'of --data: what is learned from; default: all other columns', names)
    .addOption(
      new Option('--task <name>', 'of --data; default: what the target looks like').choices([...tasks]),
    )
    .option(
      '--hyperparams <json>',
      'of --data: as XGBoost names them; default: {"n_estimators": 25}',
      hyperparameters,
    )
    .option('--describe', 'say what is understood of --data, and stop')

const seedOfRows = () =>
  new Option('--rows-seed <number>', 'of --rows: what is drawn; default: 1').argParser(
    wholeNumber(0, 2 ** 32 - 1),
  )

/** Several numbers of flights, one after the other. */
export const inSizes = (command: Command) =>
  command
    .addOption(
      new Option(
        '--rows <numbers>',
        'flights: so many, scaled from the bundled ones, as 328521,3000000; default: the bundled ones',
      ).argParser(wholeNumbers('number of rows', 4, mostScaledRows)),
    )
    .addOption(seedOfRows())

/** An empty variable says nothing, as for k6. */
function certificates(): Option {
  const option = new Option(
    '--ca <file>',
    'certificates (PEM) by which the addresses above are trusted, too',
  ).argParser(file)
  return process.env.CA_FILE === '' ? option : option.env('CA_FILE')
}

/** Options of the commands that work on targets of someone else's, too. */
export const elsewhere = (command: Command) =>
  ofTables(command)
    .option(
      '--rows <number>',
      'flights for the embedded targets: so many, scaled from the bundled ones',
      wholeNumber(4, mostScaledRows),
    )
    .addOption(seedOfRows())
    .option('--zipf <exponent>', "keys by Zipf's law, in the place of the workload's draw", exponent)
    .option(
      '--store-rows <number>',
      'rows in the embedded feature store, about, of keys all over the table; only these keys are asked for; default: all',
      wholeNumber(1, mostScaledRows),
    )
    .option('--workload <file>', 'what is asked, and of whom; absent: the flights', file)
    .option('--postgres-url <url>', 'of the flights: a Postgres that runs already')
    .option('--python-url <url>', 'of the flights: a service that runs already')
    .addOption(certificates())
    .option(
      '--keys <file>',
      "keys that all sides know, in the place of the workload's: CSV, JSON lines, JSON or Parquet",
      file,
    )

/** `p99<10ms,failures<0.1%`, or `database: p99<5ms`; given again for another side. */
export function objective(text: string, before: Given[] | undefined): Given[] {
  try {
    return [...(before ?? []), parseGiven(text)]
  } catch (error) {
    if (error instanceof UnreadableObjective) throw new InvalidArgumentError(error.message)
    throw error
  }
}

/** A share as `4%` or `0.04`. */
export function precision(text: string): number {
  const value = text.endsWith('%') ? decimal(text.slice(0, -1)) / 100 : decimal(text)
  if (!(value >= 0.005 && value <= 0.5))
    throw new InvalidArgumentError("expected half an interval's width from 0.5% to 50%, as 4%")
  return value
}

/** More than all people together could ask for; beyond it numbers of hosts lose digits. */
const mostDemand = 1e12

/** Predictions a second: `50000`, `50,000`, `50k`, `1.5M`. Three digits behind a point are thousands to some, and are refused. */
export function demand(text: string): number {
  const [, whole = '', fraction = '', unit = ''] =
    /^(\d+|\d{1,3}(?:,\d{3})+)(\.\d{1,2})?(k|M)?(?:\/s)?$/.exec(text.trim()) ?? []
  const value = Number(whole.replaceAll(',', '') + fraction) * ({ k: 1e3, M: 1e6 }[unit] ?? 1)
  if (whole === '' || !(value > 0 && value <= mostDemand))
    throw new InvalidArgumentError(
      `expected a number of predictions a second above 0, as 50000, 50,000, 50k or 1.5M, at most ${inDigits(mostDemand)}`,
    )
  return value
}

/** The share of a host's capacity that is kept free: `30%` or `0.3`. */
export function headroom(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(text.trim()) ?? []
  const value = Number(number) / (percent ? 100 : 1)
  if (!(value >= 0 && value < 1))
    throw new InvalidArgumentError('expected a share from 0% to below 100%, as 30% or 0.3')
  return value
}

/** Of a host, an hour. */
export function price(text: string): number {
  if (!/^\d{1,12}(\.\d+)?$/.test(text.trim()))
    throw new InvalidArgumentError('expected a price an hour of at least 0, as 0.34, without a currency')
  return Number(text)
}

/** `sql,http` */
export function protocolList(text: string): Protocol[] {
  const words = text.split(',').map((word) => word.trim().toLowerCase())
  const isProtocol = (word: string): word is Protocol => protocols.some((each) => each === word)
  if (!words.every(isProtocol))
    throw new InvalidArgumentError(
      `expected ${protocols.join(' or ')} for each side, separated by commas, as sql,http`,
    )
  return words
}
