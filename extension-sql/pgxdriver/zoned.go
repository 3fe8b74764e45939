package pgxdriver

import "strings"

// signs stand between the values in the text of an array, a range, a multirange or a composite. Where one of them belongs to a value,
// the value stands in quotes.
const signs = "[](){},"

// inUTC is the text of a value as Postgres would write it if the session's TimeZone were UTC. That is the user's to set, since much
// in SQL depends on it, and no script could tell what it was.
func inUTC(of *valueType, text string) string {
	if !of.isZoned {
		return text
	}

	if of.parts == nil {
		return utcTimestamp(text)
	}

	escapes := doubled
	if of.isArray() {
		escapes = arrayEscapes
	}

	var written strings.Builder

	for part := 0; text != ""; {
		value, rest, isQuoted := nextPart(text)

		switch {
		case isQuoted:
			written.WriteString(`"` + escapes.Replace(inUTC(of.part(part), value)) + `"`)
		case value == "":
			if rest = text[1:]; text[0] == ',' {
				part++
			}

			written.WriteByte(text[0])
		default:
			written.WriteString(inUTC(of.part(part), value))
		}

		text = rest
	}

	return written.String()
}

// part is the type of one of its values; all of an array's, a range's and a multirange's are of one type.
func (t *valueType) part(index int) *valueType {
	return t.parts[min(index, len(t.parts)-1)]
}

var doubled = strings.NewReplacer(`\`, `\\`, `"`, `""`) //nolint:gochecknoglobals // immutable

// nextPart takes a value from the start of a text, and out of its quotes; it is empty before a sign.
func nextPart(text string) (value, rest string, isQuoted bool) {
	if text[0] != '"' {
		end := strings.IndexAny(text, signs)
		if end < 0 {
			end = len(text)
		}

		return text[:end], text[end:], false
	}

	var unescaped strings.Builder

	for i := 1; i < len(text); i++ {
		isDouble := text[i] == '"' && i+1 < len(text) && text[i+1] == '"'

		switch {
		case isDouble || text[i] == '\\' && i+1 < len(text):
			i++
			unescaped.WriteByte(text[i])
		case text[i] == '"':
			return unescaped.String(), text[i+1:], true
		default:
			unescaped.WriteByte(text[i])
		}
	}

	return unescaped.String(), "", true
}
