package pgxdriver

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"inference-gap/extension-sql/sqltext"
)

// interpolate writes the values into the text, as `pgbench -M simple` does, for the simple query protocol has no
// parameters. Each value becomes a quoted literal of no type, so that the server reads it by its context, as it does
// with a parameter. $1 within strings, identifiers, comments and dollar quotes stays as it is.
func interpolate(query string, args []driver.NamedValue, of knownTypes) (string, error) {
	if len(args) == 0 {
		return query, nil
	}

	var text strings.Builder

	highest := 0

	for query != "" {
		end := sqltext.Skip(query)
		if end > 0 {
			text.WriteString(query[:end])
			query = query[end:]

			continue
		}

		number, length := sqltext.Placeholder(query)
		if length == 0 {
			text.WriteByte(query[0])
			query = query[1:]

			continue
		}

		if number < 1 || number > len(args) {
			return "", fmt.Errorf("the query names $%d, %d values were given", number, len(args))
		}

		encoded, err := encodeText(args[number-1].Value, of.at(number-1))
		if err != nil {
			return "", fmt.Errorf("parameter $%d: %w", number, err)
		}

		if bytes.IndexByte(encoded, 0) >= 0 {
			return "", zeroInText(number)
		}

		highest = max(highest, number)

		text.WriteString(literal(encoded))
		query = query[length:]
	}

	if highest < len(args) {
		return "", fmt.Errorf("the query has %d parameters, %d values were given", highest, len(args))
	}

	return text.String(), nil
}

// zeroInText is the error that the server has for it in the other modes; in a text it would end the query there.
func zeroInText(number int) error {
	const invalidText = "22021"

	return SQLError{&pgconn.PgError{Severity: "ERROR", Code: invalidText,
		Message: fmt.Sprintf("parameter $%d: Postgres has no texts with the character U+0000", number)}}
}

// literal quotes for any setting of standard_conforming_strings, with blanks around it so that it joins no neighbour.
func literal(value []byte) string {
	if value == nil {
		return " NULL "
	}

	quoted := strings.ReplaceAll(string(value), "'", "''")
	if strings.ContainsRune(quoted, '\\') {
		return " E'" + strings.ReplaceAll(quoted, `\`, `\\`) + "' "
	}

	return " '" + quoted + "' "
}
