/** What the driver of k6 asks of a database (extension-sql/catalogue), asked from Node: so that both halves read values alike. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Client } from 'pg'
import { root } from '../../build/paths.ts'

/** The driver's own questions. */
const ofDriver = (name: string) =>
  readFile(path.join(root, 'extension-sql', 'catalogue', `${name}.sql`), 'utf8')

/** For a query's `types`: every value as the text that the server sent. */
export const asTexts = { getTypeParser: () => (text: string) => text }

/** Values are written as the driver has them written, whatever the server, the role or the workload say. */
export async function setForReading(client: Client): Promise<void> {
  await client.query(await ofDriver('settings'))
}

/** Rows of what the driver asks of types. @param oids absent: all, but those of tables' rows */
export async function catalogueOf(client: Client, oids?: readonly number[]): Promise<string[][]> {
  const condition = oids ? ` t.oid IN (${oids.join(',')})` : await ofDriver('of-no-table')
  const text = (await ofDriver('types')) + condition
  return (await client.query<string[]>({ text, rowMode: 'array', types: asTexts as never })).rows
}
