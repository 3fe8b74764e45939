/** Values as scripts get them from our driver (extension-sql/README.md), so that Node reads an answer as k6 does. */
import { type Client, type FieldDef, Query, type QueryConfig } from 'pg'
import { readArray } from './array.ts'
import { asTexts, catalogueOf } from './catalogue.ts'
import { isList, type Kind, parameterTypes, written } from './parameters.ts'
import { isoTime } from './timestamp.ts'
import { inUTC, type Zoned } from './zoned.ts'

/** A number where every whole one has a double of its own, else the text. */
function whole(text: string): number | string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

/** No double needs more characters. */
const longestExact = 1100

/** A number where a double is the very value (0.5, 1e20), else the text (0.1): no digit is lost. */
function numeric(text: string): number | string {
  const value = Number(text)
  if (text.length > longestExact) return text
  if (!Number.isFinite(value)) return /^(NaN|-?Infinity)$/.test(text) ? value : text
  const [whole = '', fraction = ''] = text.split('.')
  let doubled = 0n
  let scaled = value
  // Twice a double is exact, and after enough of them there is no fraction left.
  for (; !Number.isInteger(scaled); scaled *= 2) doubled++
  return BigInt(whole + fraction) * 2n ** doubled === BigInt(scaled) * 10n ** BigInt(fraction.length)
    ? value
    : text
}

const timestamptz = 1184
/** json and jsonb */
const jsons = [114, 3802]

/** By the numbers of `pg_type`; all else is text. */
const scalars: Record<number, (text: string) => unknown> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice('\\x'.length), 'hex'),
  20: whole,
  21: Number,
  23: Number,
  25: String,
  26: Number,
  700: (text) => Math.fround(Number(text)),
  701: Number,
  1043: String,
  1114: (text) => isoTime(text, false),
  [timestamptz]: (text) => isoTime(text, true),
  1700: numeric,
}

type Read = (text: string) => unknown

/** A row as the server wrote it. */
export type Written = (string | null)[]

/** A type as the catalogue has it: 0 where it is none of that kind. */
interface Fact {
  base: number
  element: number
  delimiter: string
  /** Of a range its bounds', of a composite its attributes'. */
  parts: readonly number[]
}

const nothing: Fact = { base: 0, element: 0, delimiter: ' ', parts: [] }

/** What the catalogue says of types that are none of those, for one connection. */
export class Values {
  private readonly facts = new Map<number, Fact>()
  /** Of texts that were asked with a list. */
  private readonly parameterTypes = new Map<string, readonly number[]>()

  constructor(private readonly client: Client) {}

  /** Asks for types that have not come before, and for those that they are made of; none that the README names needs it. */
  private async learn(oids: readonly number[]): Promise<void> {
    const missing = [...new Set(oids)].filter((oid) => oid && !scalars[oid] && !this.facts.has(oid))
    if (missing.length === 0) return
    for (const oid of missing) this.facts.set(oid, nothing)
    const made: number[] = []
    for (const [oid, base, element, delimiter = ' ', parts = ''] of await catalogueOf(this.client, missing)) {
      const fact = { delimiter, parts: parts.split(' ').filter(Boolean).map(Number) }
      this.facts.set(Number(oid), { ...fact, base: Number(base), element: Number(element) })
      made.push(Number(base), Number(element), ...fact.parts)
    }
    await this.learn(made)
  }

  /** Undefined where no time with a zone is in its text. */
  private zoned(oid: number): Zoned | undefined {
    const { base, element, parts } = this.facts.get(oid) ?? nothing
    if (base) return this.zoned(base)
    if (oid === timestamptz) return { parts: [], isArray: false }
    const made = (element ? [element] : parts).map((part) => this.zoned(part))
    return made.some(Boolean) ? { parts: made, isArray: element !== 0 } : undefined
  }

  private reader(oid: number): Read {
    const known = scalars[oid]
    if (known) return known
    const { base, element, delimiter } = this.facts.get(oid) ?? nothing
    if (base) return this.reader(base)
    if (!element) {
      const zoned = this.zoned(oid)
      return (text) => inUTC(zoned, text)
    }
    const read = this.reader(element)
    return delimiter === ' '
      ? (text) => text.split(' ').filter(Boolean).map(read)
      : (text) => readArray(text, delimiter, read)
  }

  private kind(oid: number): Kind {
    const { base, element, delimiter } = this.facts.get(oid) ?? nothing
    if (base) return this.kind(base)
    return element
      ? { isJSON: false, element: this.kind(element), delimiter }
      : { isJSON: jsons.includes(oid), delimiter: ',' }
  }

  /** Parameters of a text, written. */
  async parameters(text: string, values: readonly unknown[]): Promise<(string | null)[]> {
    const types = values.some(isList) ? await this.typesOf(text) : []
    return values.map((value, at) => written(value, this.kind(types[at] ?? 0)))
  }

  private async typesOf(text: string): Promise<readonly number[]> {
    const types = this.parameterTypes.get(text) ?? (await parameterTypes(this.client, text))
    this.parameterTypes.set(text, types)
    await this.learn(types)
    return types
  }

  /** Rows of a query as a script gets them, and the milliseconds until the whole answer was there. */
  async rows(query: QueryConfig): Promise<{ rows: Record<string, unknown>[]; ms: number }> {
    const values = await this.parameters(query.text, query.values ?? [])
    const began = performance.now()
    const { rows, fields } = await this.client.query<Written>({
      ...{ ...query, values, rowMode: 'array', types: asTexts as never },
    })
    const ms = performance.now() - began
    return { rows: rows.map(await this.rowReader(fields)), ms }
  }

  /**
   * Rows of a query one after the other, which nothing here holds. The connection may have no limit for its queries: with one
   * node-postgres would hold them.
   * @returns what makes of such a row what a script gets
   */
  async each(text: string, take: (row: Written) => void): Promise<(row: Written) => Record<string, unknown>> {
    const fields = await new Promise<FieldDef[]>((resolve, reject) => {
      const query = new Query<Written>({ text, rowMode: 'array', types: asTexts as never } as QueryConfig)
      query.on('row', take)
      query.on('end', ({ fields: known }) => resolve(known))
      query.on('error', reject)
      this.client.query(query)
    })
    return this.rowReader(fields)
  }

  private async rowReader(fields: readonly FieldDef[]): Promise<(row: Written) => Record<string, unknown>> {
    await this.learn(fields.map(({ dataTypeID }) => dataTypeID))
    const readers = fields.map(({ dataTypeID }) => this.reader(dataTypeID))
    const valueAt = (row: Written, at: number) => {
      const text = row[at] ?? null
      return text === null ? null : readers[at]?.(text)
    }
    return (row) => Object.fromEntries(fields.map(({ name }, at) => [name, valueAt(row, at)]))
  }
}
