import { createHash } from 'node:crypto'

export default { sha256: (text: string) => createHash('sha256').update(text).digest('hex') }
