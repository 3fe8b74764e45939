package pgxdriver

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"github.com/jackc/pgx/v5/pgtype"
)

const (
	textFormat   int16 = 0
	binaryFormat int16 = 1
)

// appendBinary writes a number or boolean in binary for the type that the server expects, where it fits that exactly.
// All else is sent as text, which the server itself reads by the parameter's type: its own error says best what does
// not fit.
func appendBinary(to []byte, value any, oid uint32) ([]byte, bool) {
	switch value := value.(type) {
	case int64:
		return appendInteger(to, value, oid)
	case float64:
		switch oid {
		case pgtype.Float8OID:
			return binary.BigEndian.AppendUint64(to, math.Float64bits(value)), true
		case pgtype.Float4OID:
			if narrow := float32(value); !math.IsInf(float64(narrow), 0) || math.IsInf(value, 0) {
				return binary.BigEndian.AppendUint32(to, math.Float32bits(narrow)), true
			}
		}
	case bool:
		if oid == pgtype.BoolOID {
			if value {
				return append(to, 1), true
			}

			return append(to, 0), true
		}
	}

	return to, false
}

func appendInteger(to []byte, number int64, oid uint32) ([]byte, bool) {
	switch oid {
	case pgtype.Int2OID:
		if number == int64(int16(number)) {
			return binary.BigEndian.AppendUint16(to, uint16(number)), true
		}
	case pgtype.Int4OID:
		if number == int64(int32(number)) {
			return binary.BigEndian.AppendUint32(to, uint32(number)), true
		}
	case pgtype.Int8OID:
		return binary.BigEndian.AppendUint64(to, uint64(number)), true
	case pgtype.Float8OID:
		return binary.BigEndian.AppendUint64(to, math.Float64bits(float64(number))), true
	case pgtype.Float4OID:
		return binary.BigEndian.AppendUint32(to, math.Float32bits(float32(number))), true
	}

	return to, false
}

// encodeText writes a value in Postgres' text format; nil stays nil, which is NULL.
func encodeText(value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(v), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case float64:
		return appendFloat(nil, v), nil
	case *big.Int:
		return v.Append(nil, 10), nil
	case time.Time:
		return v.UTC().AppendFormat(nil, "2006-01-02T15:04:05.999999Z"), nil
	case []byte:
		return []byte(`\x` + hex.EncodeToString(v)), nil
	case sobek.ArrayBuffer:
		return []byte(`\x` + hex.EncodeToString(v.Bytes())), nil
	}

	reflected := reflect.ValueOf(value)
	switch reflected.Kind() { //nolint:exhaustive // the rest is refused below
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return strconv.AppendInt(nil, reflected.Int(), 10), nil
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return strconv.AppendUint(nil, reflected.Uint(), 10), nil
	case reflect.Float32:
		return strconv.AppendFloat(nil, reflected.Float(), 'g', -1, 32), nil
	case reflect.Slice, reflect.Array:
		return encodeArray(reflected)
	case reflect.Map:
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("an object that is no JSON: %w", err)
		}

		return text, nil
	default:
		return nil, fmt.Errorf("a value of type %T cannot be sent; expected a number, bigint, string, boolean, null, "+
			"Date, array, object (as JSON), Uint8Array or ArrayBuffer", value)
	}
}

func appendFloat(text []byte, number float64) []byte {
	switch {
	case math.IsInf(number, 1):
		return append(text, "Infinity"...)
	case math.IsInf(number, -1):
		return append(text, "-Infinity"...)
	case number == math.Trunc(number) && math.Abs(number) < 1e21:
		// In full, as JavaScript writes it: Postgres reads no exponent in a bigint.
		return strconv.AppendFloat(text, number, 'f', -1, 64)
	default: // NaN is written "NaN", as Postgres has it
		return strconv.AppendFloat(text, number, 'g', -1, 64)
	}
}

// encodeArray writes {1,2,NULL,"te\"xt"}; the server reads it as an array of whatever type the parameter has.
func encodeArray(array reflect.Value) ([]byte, error) {
	text := []byte{'{'}

	for i := range array.Len() {
		if i > 0 {
			text = append(text, ',')
		}

		element := array.Index(i).Interface()
		if nested := reflect.ValueOf(element); nested.IsValid() && nested.Kind() == reflect.Slice {
			if _, isBytes := element.([]byte); !isBytes {
				inner, err := encodeArray(nested)
				if err != nil {
					return nil, err
				}

				text = append(text, inner...)

				continue
			}
		}

		encoded, err := encodeText(element)
		if err != nil {
			return nil, fmt.Errorf("array element %d: %w", i, err)
		}

		if encoded == nil {
			text = append(text, "NULL"...)

			continue
		}

		text = append(text, '"')
		text = append(text, arrayEscapes.Replace(string(encoded))...)
		text = append(text, '"')
	}

	return append(text, '}'), nil
}

var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`) //nolint:gochecknoglobals // immutable
