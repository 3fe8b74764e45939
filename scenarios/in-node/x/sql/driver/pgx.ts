export default Symbol('pgx')
