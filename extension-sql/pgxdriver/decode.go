package pgxdriver

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// maxSafeInteger is JavaScript's: every whole number up to it has a double of its own.
const maxSafeInteger = 1<<53 - 1

// decode turns a value of the server into one that a script can use without losing digits unseen:
//
//	smallint, integer, real, double precision   number (a real as the double that equals it)
//	bigint                                      number up to ±(2^53-1), beyond that string
//	numeric                                     number where a double equals it, else string
//	boolean                                     boolean
//	bytea                                       bytes, indexable
//	timestamptz, timestamp                      string in ISO 8601, with Z for the former
//	arrays                                      array of the above, nested as the array is
//	NULL                                        null
//	all else (text, json, uuid, date …)         string as Postgres writes it, times with a zone in UTC
func (c *conn) decode(from column, value []byte) (driver.Value, error) {
	if value == nil {
		return nil, nil //nolint:nilnil // NULL
	}

	if from.format == binaryFormat {
		return decodeBinary(from.oid, value)
	}

	if isScalar(from.oid) {
		return decodeScalar(from.oid, string(value))
	}

	return decodeText(c.types.find(from.oid), string(value))
}

func decodeBinary(oid uint32, value []byte) (driver.Value, error) {
	switch {
	case oid == pgtype.BoolOID && len(value) == 1:
		return value[0] != 0, nil
	case oid == pgtype.Int2OID && len(value) == 2:
		return int64(int16(binary.BigEndian.Uint16(value))), nil
	case oid == pgtype.Int4OID && len(value) == 4:
		return int64(int32(binary.BigEndian.Uint32(value))), nil
	case oid == pgtype.Int8OID && len(value) == 8:
		return integer(int64(binary.BigEndian.Uint64(value))), nil
	case oid == pgtype.Float4OID && len(value) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(value))), nil
	case oid == pgtype.Float8OID && len(value) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(value)), nil
	case oid == pgtype.ByteaOID:
		return append([]byte{}, value...), nil
	}

	return nil, fmt.Errorf("%d bytes are no value of the type with OID %d", len(value), oid)
}

func integer(number int64) driver.Value {
	if number > maxSafeInteger || number < -maxSafeInteger {
		return strconv.FormatInt(number, 10)
	}

	return number
}

// decodeText reads a value of a type that is not known as text.
func decodeText(of *valueType, text string) (driver.Value, error) {
	switch {
	case of == nil:
		return text, nil
	case of.isArray():
		return decodeArray(of, text)
	case of.isZoned && of.parts != nil:
		return inUTC(of, text), nil
	default:
		return decodeScalar(of.oid, text)
	}
}

func decodeScalar(oid uint32, text string) (driver.Value, error) {
	switch oid {
	case pgtype.BoolOID:
		return text == "t", nil
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID:
		number, err := strconv.ParseInt(text, 10, 64)

		return integer(number), err
	case pgtype.Float4OID:
		number, err := strconv.ParseFloat(text, 32)

		return number, err
	case pgtype.Float8OID:
		number, err := strconv.ParseFloat(text, 64)

		return number, err
	case pgtype.NumericOID:
		return decodeNumeric(text), nil
	case pgtype.ByteaOID:
		return decodeBytes(text)
	case pgtype.TimestamptzOID, pgtype.TimestampOID:
		return isoTimestamp(oid, text), nil
	default:
		return text, nil
	}
}

// decodeBytes reads both of bytea_output's formats: \x00ff, and \000 for what is no ASCII with \\ for a backslash.
func decodeBytes(text string) (driver.Value, error) {
	if digits, isHex := strings.CutPrefix(text, `\x`); isHex {
		return hex.DecodeString(digits)
	}

	const digits = 3

	bytes := make([]byte, 0, len(text))

	for text != "" {
		switch {
		case text[0] != '\\':
			bytes, text = append(bytes, text[0]), text[1:]
		case strings.HasPrefix(text, `\\`):
			bytes, text = append(bytes, '\\'), text[2:]
		case len(text) > digits:
			number, err := strconv.ParseUint(text[1:1+digits], 8, 8)
			if err != nil {
				return nil, fmt.Errorf("%q are no bytes", text)
			}

			bytes, text = append(bytes, byte(number)), text[1+digits:]
		default:
			return nil, fmt.Errorf("%q are no bytes", text)
		}
	}

	return bytes, nil
}

// longestExactDouble bounds the texts that are compared digit by digit: no double needs more characters.
const longestExactDouble = 1100

// decodeNumeric gives a number only where it is the very value: 0.5, 1e20 and NaN are, 0.1 and 2^53+1 are not. Zeros at
// the end (1.50) are no part of the value; a script that wants them asks for numeric::text.
func decodeNumeric(text string) driver.Value {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || len(text) > longestExactDouble {
		return text
	}

	if math.IsNaN(number) || math.IsInf(number, 0) {
		return number
	}

	exact, isNumber := new(big.Rat).SetString(text)
	if !isNumber || exact.Cmp(new(big.Rat).SetFloat64(number)) != 0 {
		return text
	}

	return number
}
