/** Predictions inside the database: one prepared statement a prediction, by k6/x/sql and our pgx driver. */
import { single } from './lib/single.ts'

const { options, iteration } = single('postgres')

export { iteration as default, options }
