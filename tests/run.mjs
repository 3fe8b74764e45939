// `npm test`: every suite, one after the other, with counts.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('./run.ts')
process.exitCode = await main(process.argv.slice(2))
