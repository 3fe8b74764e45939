/** Whoever asks a side asks in a session that is set as the workload says: for its keys, its answers and what it tells of itself. */
import type { Client } from 'pg'
import { setForReading } from './catalogue.ts'

/** @param settings as SET takes them; how values are written is the driver's to say, as it is in k6 */
export async function setSession(
  client: Client,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await client.query('SELECT set_config($1, $2, false)', [name, value])
  await setForReading(client)
}
