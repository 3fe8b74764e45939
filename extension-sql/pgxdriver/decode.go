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
	"time"

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
//	all else (text, json, uuid, date …)         string as Postgres writes it
func (c *conn) decode(from column, value []byte) (driver.Value, error) {
	if value == nil {
		return nil, nil //nolint:nilnil // NULL
	}

	if from.format == binaryFormat {
		return decodeBinary(from.oid, value)
	}

	return c.decodeText(from.oid, string(value))
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

func (c *conn) decodeText(oid uint32, text string) (driver.Value, error) {
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
		return hex.DecodeString(strings.TrimPrefix(text, `\x`))
	case pgtype.TimestamptzOID, pgtype.TimestampOID:
		return isoTimestamp(oid, text), nil
	}

	if known, found := c.types.TypeForOID(oid); found {
		if array, isArray := known.Codec.(*pgtype.ArrayCodec); isArray {
			return c.decodeArray(array.ElementType.OID, text)
		}
	}

	return text, nil
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

// isoTimestamp turns "2026-01-02 03:04:05.678+00" into "2026-01-02T03:04:05.678Z", which Date.parse reads; infinity and
// years that Go cannot read stay as Postgres writes them.
func isoTimestamp(oid uint32, text string) string {
	if oid == pgtype.TimestampOID {
		return strings.Replace(text, " ", "T", 1)
	}

	for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999-07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Format("2006-01-02T15:04:05.999999Z")
		}
	}

	return text
}

// decodeArray reads Postgres' text format of arrays: {1,NULL,"quoted \"text\"",{nested}}, after optional bounds.
func (c *conn) decodeArray(element uint32, text string) (driver.Value, error) {
	if bounds := strings.IndexByte(text, '='); bounds > 0 && text[0] == '[' {
		text = text[bounds+1:]
	}

	array, rest, err := c.parseArray(element, text)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q follows the array", rest)
	}

	return array, err
}

func (c *conn) parseArray(element uint32, text string) ([]any, string, error) {
	if text == "" || text[0] != '{' {
		return nil, "", fmt.Errorf("%q is no array", text)
	}

	text = text[1:]
	array := []any{}

	for text != "" {
		switch text[0] {
		case '}':
			return array, text[1:], nil
		case ',':
			text = text[1:]
		case '{':
			nested, rest, err := c.parseArray(element, text)
			if err != nil {
				return nil, "", err
			}

			array, text = append(array, nested), rest
		default:
			word, quoted, rest := parseElement(text)
			text = rest

			if !quoted && word == "NULL" {
				array = append(array, nil)

				continue
			}

			value, err := c.decodeText(element, word)
			if err != nil {
				return nil, "", err
			}

			array = append(array, value)
		}
	}

	return nil, "", fmt.Errorf("the array has no end")
}

func parseElement(text string) (word string, quoted bool, rest string) {
	if text[0] != '"' {
		end := strings.IndexAny(text, ",}")
		if end < 0 {
			end = len(text)
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
