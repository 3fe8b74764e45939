package pgxdriver

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
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
			if narrow := float32(value); isReadAlike(value, narrow) {
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

// smallestReal is the least real that has all its digits.
const smallestReal = 0x1p-126

// isReadAlike says whether Postgres makes the same real of the double's text. It refuses what is too large or small for one. And the
// text of a double just between two reals is not quite that double, so that the other one may be the nearest.
func isReadAlike(value float64, narrow float32) bool {
	const below, half = 1<<29 - 1, 1 << 28 // of the bits that a double has more

	switch {
	case value == 0 || math.IsInf(value, 0) || math.IsNaN(value):
		return true
	case math.IsInf(float64(narrow), 0) || math.Abs(value) < smallestReal:
		return false
	default:
		return math.Float64bits(value)&below != half
	}
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

// encodeText writes a value in Postgres' text format; nil stays nil, which is NULL. `of` is the parameter's type, nil where it
// is not known: only arrays ask for it.
func encodeText(value any, of *valueType) ([]byte, error) {
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
		return appendTimestamp(nil, v), nil
	case []byte:
		return encodeBytes(v), nil
	case sobek.ArrayBuffer:
		return encodeBytes(v.Bytes()), nil
	case JSON:
		return []byte(v), nil
	}

	if items, isList := itemsOf(value); isList {
		return encodeList(items, of, 1)
	}

	reflected := reflect.ValueOf(value)
	switch reflected.Kind() { //nolint:exhaustive // the rest is refused below
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return strconv.AppendInt(nil, reflected.Int(), 10), nil
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint8:
		return strconv.AppendUint(nil, reflected.Uint(), 10), nil
	case reflect.Float32: // as a script sees it
		return appendFloat(nil, reflected.Float()), nil
	case reflect.Map:
		return appendJSON(nil, value)
	default:
		return nil, fmt.Errorf("a value of type %T cannot be sent; expected a number, bigint, string, boolean, null, "+
			"Date, array, object (as JSON), Uint8Array or ArrayBuffer", value)
	}
}

func encodeBytes(bytes []byte) []byte {
	return hex.AppendEncode([]byte(`\x`), bytes)
}

func appendFloat(text []byte, number float64) []byte {
	switch {
	case math.IsInf(number, 1):
		return append(text, "Infinity"...)
	case math.IsInf(number, -1):
		return append(text, "-Infinity"...)
	case number == math.Trunc(number) && math.Abs(number) < 1e21:
		// In full, with every digit that the number has: Postgres reads no exponent in a bigint.
		return strconv.AppendFloat(text, number, 'f', 0, 64)
	default: // NaN is written "NaN", as Postgres has it
		return strconv.AppendFloat(text, number, 'g', -1, 64)
	}
}
