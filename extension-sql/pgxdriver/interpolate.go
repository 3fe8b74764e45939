package pgxdriver

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
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
		end := skip(query)
		if end > 0 {
			text.WriteString(query[:end])
			query = query[end:]

			continue
		}

		number, length := placeholder(query)
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

func placeholder(text string) (number, length int) {
	if text[0] != '$' {
		return 0, 0
	}

	end := 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}

	if end == 1 {
		return 0, 0
	}

	number, err := strconv.Atoi(text[1:end])
	if err != nil {
		return 0, 0
	}

	return number, end
}

// skip returns the length of the word, string, quoted identifier, comment or dollar quote at the beginning of the text;
// 0 where there is none.
func skip(text string) int {
	switch {
	case text[0] == '\'':
		return quotedEnd(text, 1, '\'', false)
	case (text[0] == 'e' || text[0] == 'E') && len(text) > 1 && text[1] == '\'':
		return quotedEnd(text, 2, '\'', true)
	case text[0] == '"':
		return quotedEnd(text, 1, '"', false)
	case strings.HasPrefix(text, "--"):
		if end := strings.IndexByte(text, '\n'); end >= 0 {
			return end + 1
		}

		return len(text)
	case strings.HasPrefix(text, "/*"):
		return commentEnd(text)
	case text[0] == '$':
		return dollarQuoteEnd(text)
	case isWord(text[0]):
		end := 1
		for end < len(text) && (isWord(text[end]) || text[end] == '$') {
			end++
		}

		return end
	default:
		return 0
	}
}

func isWord(char byte) bool {
	return char == '_' || char >= 0x80 || char >= '0' && char <= '9' ||
		char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z'
}

func quotedEnd(text string, start int, quote byte, backslashes bool) int {
	for i := start; i < len(text); i++ {
		switch {
		case backslashes && text[i] == '\\':
			i++
		case text[i] == quote:
			if i+1 < len(text) && text[i+1] == quote {
				i++

				continue
			}

			return i + 1
		}
	}

	return len(text)
}

func commentEnd(text string) int {
	depth := 0

	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++

			if depth == 0 {
				return i + 1
			}
		}
	}

	return len(text)
}

func dollarQuoteEnd(text string) int {
	end := 1
	for end < len(text) && isWord(text[end]) && (end > 1 || text[end] < '0' || text[end] > '9') {
		end++
	}

	if end == len(text) || text[end] != '$' {
		return 0
	}

	tag := text[:end+1]
	if close := strings.Index(text[end+1:], tag); close >= 0 {
		return end + 1 + close + len(tag)
	}

	return len(text)
}
