package pgxdriver

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// itemsOf is false for what is no array, and for bytes.
func itemsOf(value any) ([]any, bool) {
	switch value := value.(type) {
	case nil, []byte, JSON:
		return nil, false
	case []any:
		return value, true
	}

	reflected := reflect.ValueOf(value)
	if kind := reflected.Kind(); kind != reflect.Slice && kind != reflect.Array {
		return nil, false
	}

	items := make([]any, reflected.Len())
	for i := range items {
		items[i] = reflected.Index(i).Interface()
	}

	return items, true
}

// needsType says whether the parameter's type decides how a value is written.
func needsType(value any) bool {
	switch value.(type) {
	case nil, bool, int64, float64, string:
		return false
	default:
		_, isList := itemsOf(value)

		return isList
	}
}

// mostDimensions of an array are Postgres' own limit (MAXDIM); one more reaches the server, for its error to be the script's.
const mostDimensions = 6

var errNestedTooDeep = errors.New("an array is nested in itself, or much deeper than the 6 dimensions that Postgres has")

// encodeList writes an array as the parameter's type has it: JSON for json and jsonb; numbers with blanks for a vector;
// {1,2,NULL,"te\"xt"} for all else, with the delimiter of the element's type.
func encodeList(items []any, of *valueType, depth int) ([]byte, error) {
	if of.isJSON() {
		return appendJSON(nil, items)
	}

	if depth > 2*mostDimensions {
		return nil, errNestedTooDeep
	}

	open, end, delimiter := "{", "}", byte(',')

	var element *valueType

	if of.isArray() {
		element, delimiter = of.element, of.delimiter
		if delimiter == ' ' {
			open, end = "", ""
		}
	}

	text := []byte(open)

	for i, item := range items {
		if i > 0 {
			text = append(text, delimiter)
		}

		var err error
		if text, err = appendItem(text, item, of, element, depth); err != nil {
			return nil, fmt.Errorf("array element %d: %w", i, err)
		}
	}

	return append(text, end...), nil
}

// appendItem writes an array within an array as a dimension of it, but where the elements themselves are arrays (of a domain, say).
func appendItem(text []byte, item any, of, element *valueType, depth int) ([]byte, error) {
	inner, isList := itemsOf(item)

	var (
		encoded []byte
		err     error
	)

	switch {
	case isList && !element.isArray():
		if of.isArray() && of.delimiter == ' ' {
			of = nil // a vector has no dimensions, as the server then says
		}

		encoded, err = encodeList(inner, of, depth+1)

		return append(text, encoded...), err
	case isList:
		encoded, err = encodeList(inner, element, depth+1)
	default:
		encoded, err = encodeText(item, element)
	}

	if err != nil {
		return nil, err
	}

	switch {
	case encoded == nil:
		return append(text, "NULL"...), nil
	case of.isArray() && of.delimiter == ' ':
		return append(text, encoded...), nil
	}

	text = append(text, '"')
	text = append(text, arrayEscapes.Replace(string(encoded))...)

	return append(text, '"'), nil
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`) //nolint:gochecknoglobals // immutable

// decodeArray reads Postgres' text format of arrays: {1,NULL,"quoted \"text\"",{nested}}, after optional bounds.
func decodeArray(of *valueType, text string) (driver.Value, error) {
	if of.delimiter == ' ' {
		return decodeVector(of, text)
	}

	if strings.HasPrefix(text, "[") {
		if _, content, found := strings.Cut(text, "="); found {
			text = content
		}
	}

	array, rest, err := parseArray(of, text)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q follows the array", rest)
	}

	return array, err
}

// decodeVector reads "1 2 3".
func decodeVector(of *valueType, text string) (driver.Value, error) {
	words := strings.Fields(text)
	vector := make([]any, len(words))

	for i, word := range words {
		var err error
		if vector[i], err = decodeText(of.element, word); err != nil {
			return nil, err
		}
	}

	return vector, nil
}

func parseArray(of *valueType, text string) ([]any, string, error) {
	if text == "" || text[0] != '{' {
		return nil, "", fmt.Errorf("%q is no array", text)
	}

	text = text[1:]
	array := []any{}

	for text != "" {
		switch text[0] {
		case '}':
			return array, text[1:], nil
		case of.delimiter:
			text = text[1:]
		case '{':
			nested, rest, err := parseArray(of, text)
			if err != nil {
				return nil, "", err
			}

			array, text = append(array, nested), rest
		default:
			word, quoted, rest := parseElement(text, of.delimiter)
			text = rest

			if !quoted && word == "NULL" {
				array = append(array, nil)

				continue
			}

			value, err := decodeText(of.element, word)
			if err != nil {
				return nil, "", err
			}

			array = append(array, value)
		}
	}

	return nil, "", errors.New("the array has no end")
}

func parseElement(text string, delimiter byte) (word string, quoted bool, rest string) {
	if text[0] != '"' {
		end := 0
		for end < len(text) && text[end] != delimiter && text[end] != '}' {
			end++
		}

		return text[:end], false, text[end:]
	}

	var unescaped strings.Builder

	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
			if i < len(text) {
				unescaped.WriteByte(text[i])
			}
		case '"':
			return unescaped.String(), true, text[i+1:]
		default:
			unescaped.WriteByte(text[i])
		}
	}

	return unescaped.String(), true, ""
}
