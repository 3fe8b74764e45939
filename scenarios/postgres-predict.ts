/** Predictions inside the database: one prepared statement a prediction, by k6/x/sql and our pgx driver. */

import { checkPostgresSettings } from './lib/postgres.ts'
import { singleIteration, singleOptions } from './lib/single.ts'

checkPostgresSettings()

export const options = singleOptions('postgres')
export default singleIteration('postgres')
