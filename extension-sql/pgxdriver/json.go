package pgxdriver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/grafana/sobek"
)

// JSON is an object of a script, already written.
type JSON string

// appendJSON writes an array for a parameter that is json or jsonb, as JSON.stringify would: NaN and infinities are null. Typed
// arrays, of which that makes objects, are arrays.
func appendJSON(to []byte, value any) ([]byte, error) {
	switch value := value.(type) {
	case JSON:
		return append(to, value...), nil
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return append(to, "null"...), nil
		}
	case float32: // as a script sees it
		return appendJSON(to, float64(value))
	case sobek.ArrayBuffer:
		return appendJSON(to, value.Bytes())
	case []byte: // as any other typed array
		numbers := make([]any, len(value))
		for i, each := range value {
			numbers[i] = each
		}

		return appendJSON(to, numbers)
	case time.Time:
		return append(to, value.UTC().Format(`"2006-01-02T15:04:05.000Z"`)...), nil
	}

	items, isList := itemsOf(value)
	if !isList {
		return appendMarshaled(to, value)
	}

	to = append(to, '[')

	for i, item := range items {
		if i > 0 {
			to = append(to, ',')
		}

		var err error
		if to, err = appendJSON(to, item); err != nil {
			return nil, err
		}
	}

	return append(to, ']'), nil
}

func appendMarshaled(to []byte, value any) ([]byte, error) {
	var text bytes.Buffer

	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)

	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("a value that is no JSON: %w", err)
	}

	return append(to, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...), nil
}
