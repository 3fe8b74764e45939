// Package sqltext reads the text of a query as far as its parameters go: where $1 is one, and where it is a part of a string,
// an identifier, a comment or a dollar quote.
package sqltext

import (
	"strconv"
	"strings"
)

// HighestParameter is the number of parameters that a query names.
func HighestParameter(query string) int {
	highest := 0

	for query != "" {
		if end := Skip(query); end > 0 {
			query = query[end:]

			continue
		}

		number, length := Placeholder(query)
		highest = max(highest, number)
		query = query[max(1, length):]
	}

	return highest
}

// Placeholder reads $1, $2, … at the beginning of the text; a length of 0: there is none.
func Placeholder(text string) (number, length int) {
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

// Skip returns the length of the word, string, quoted identifier, comment or dollar quote at the beginning of the text;
// 0 where there is none.
func Skip(text string) int {
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
