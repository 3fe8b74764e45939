/**
 * What a side answered to one real question, as it came, in the form in which the null server takes it (extension-sql/nullserver):
 * a null operation is answered with the same, so that it costs the client what the side's own question and answer cost it.
 */
import type { Client } from 'pg'
import type { HttpAnswer } from './http.ts'
import { asTexts, catalogueOf } from './postgres/catalogue.ts'

export interface RealHttpAnswer {
  protocol: 'http'
  status: number
  headers: Record<string, string[]>
  /** As it came, base64; chunks are put together, and what was compressed stays so. */
  body: string
}

export interface RealSqlAnswer {
  protocol: 'sql'
  /** Types of $1, $2, …; absent where the server does not tell. */
  parameters?: number[]
  columns: { name: string; oid: number; size: number; modifier: number }[]
  /** Texts in base64. */
  rows: (string | null)[][]
  /** What the statement did, as "SELECT 1". */
  tag: string
  /** What the server says of its types when the driver asks. */
  catalogue: string[][]
}

export type RealAnswer = RealHttpAnswer | RealSqlAnswer

/** Written anew by who sends it. */
const ofTheWay = ['content-length', 'transfer-encoding']

/** Someone else's session is nobody's business: as long, but not the same. */
const withoutSecret = (cookie: string) =>
  cookie.replace(/=([^;]*)/, (_, value: string) => `=${'x'.repeat(value.length)}`)

export function realHttpAnswer({ status, headers, body }: HttpAnswer): RealHttpAnswer {
  const kept = Object.entries(headers).flatMap(([name, given]) => {
    if (given === undefined || ofTheWay.includes(name)) return []
    const values = [given].flat()
    return [[name, name === 'set-cookie' ? values.map(withoutSecret) : values] as const]
  })
  return {
    protocol: 'http',
    status,
    headers: Object.fromEntries(kept),
    body: Buffer.from(body).toString('base64'),
  }
}

/** In a session that is set for reading. @param text is asked as it is, prepared */
export async function realSqlAnswer(client: Client, text: string, values: unknown[]): Promise<RealSqlAnswer> {
  const catalogue = await catalogueOf(client)
  const { rows, fields, command, rowCount } = await client.query<(string | null)[]>({
    name: 'inference-gap-real-answer',
    ...{ text, values, rowMode: 'array', types: asTexts as never },
  })
  const { rows: prepared } = await client.query<{ types: number[] }>(
    'SELECT to_json(parameter_types::oid[]::int8[]) AS types FROM pg_prepared_statements WHERE statement = $1 LIMIT 1',
    [text],
  )
  return {
    protocol: 'sql',
    ...(prepared[0] && { parameters: prepared[0].types }),
    columns: fields.map(({ name, dataTypeID, dataTypeSize, dataTypeModifier }) => ({
      ...{ name, oid: dataTypeID, size: dataTypeSize, modifier: dataTypeModifier },
    })),
    rows: rows.map((row) => row.map((one) => (one === null ? null : Buffer.from(one).toString('base64')))),
    tag: `${command}${command === 'INSERT' ? ' 0' : ''}${rowCount === null ? '' : ` ${rowCount}`}`,
    catalogue,
  }
}
