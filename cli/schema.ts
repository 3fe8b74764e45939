/** `npm run schema`: writes the published JSON Schemas anew; a test holds the files to what this would write. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../build/paths.ts'
import { schemas } from '../report/schema.ts'

const folder = path.join(root, 'schema')
await mkdir(folder, { recursive: true })
for (const [file, text] of Object.entries(schemas())) await writeFile(path.join(folder, file), text)
