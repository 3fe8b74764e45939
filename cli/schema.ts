/** `npm run schema`: writes what is published of our forms anew: JSON Schemas and types. Tests hold the files to what this would write. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { declarationFiles, declarations } from '../build/declarations.ts'
import { root } from '../build/paths.ts'
import { schemas } from '../report/schema.ts'

const folder = path.join(root, 'schema')
await mkdir(folder, { recursive: true })
const types = await declarations()
const files = { ...schemas(), ...Object.fromEntries(declarationFiles.map((file) => [file, types])) }
for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text)
