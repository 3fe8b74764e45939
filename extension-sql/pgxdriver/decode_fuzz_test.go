package pgxdriver

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

// Both formats of a value are the same value to a script. The text is written here as Postgres does.
func FuzzBothFormatsGiveOneValue(f *testing.F) {
	for _, seed := range []uint64{0, 1, 1 << 63, 1<<53 - 1, 1<<53 + 1, math.Float64bits(0.1), math.Float64bits(math.NaN()), 0x3dcccccd, 0x7f800000} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, word uint64) {
		bytes := binary.BigEndian.AppendUint64(nil, word)

		for oid, text := range map[uint32]string{
			pgtype.Int2OID:   strconv.FormatInt(int64(int16(word)), 10),
			pgtype.Int4OID:   strconv.FormatInt(int64(int32(word)), 10),
			pgtype.Int8OID:   strconv.FormatInt(int64(word), 10),
			pgtype.Float4OID: strconv.FormatFloat(float64(math.Float32frombits(uint32(word))), 'g', -1, 32),
			pgtype.Float8OID: strconv.FormatFloat(math.Float64frombits(word), 'g', -1, 64),
			pgtype.ByteaOID:  `\x` + hex.EncodeToString(bytes),
		} {
			size := map[uint32]int{pgtype.Int2OID: 2, pgtype.Int4OID: 4, pgtype.Float4OID: 4}[oid]
			if size == 0 {
				size = len(bytes)
			}

			fromBinary, err := decodeBinary(oid, bytes[len(bytes)-size:])
			require.NoError(t, err)

			fromText, err := decodeScalar(oid, text)
			require.NoError(t, err)

			if a, is := fromBinary.(float64); is && math.IsNaN(a) {
				b, is := fromText.(float64)
				require.True(t, is && math.IsNaN(b))

				continue
			}

			require.Equal(t, fromBinary, fromText)
		}
	})
}

// A real is the same whether it is sent in binary or as text.
func FuzzBothFormatsOfARealAreOne(f *testing.F) {
	for _, seed := range []float64{0, 1e-300, 1e300, 1 + 0x1p-24, 1 - 0x1p-25, 0x1p-149, 0x1p-150, 0x1.8p-127, math.MaxFloat32, 0x1.ffffffp127, 0.1} {
		f.Add(math.Float64bits(seed))
	}

	f.Fuzz(func(t *testing.T, word uint64) {
		value := math.Float64frombits(word)

		sent, fits := appendBinary(nil, value, pgtype.Float4OID)
		if !fits || math.IsNaN(value) {
			return
		}

		// Go reads a real as C's strtof does, to the nearest.
		read, err := strconv.ParseFloat(string(appendFloat(nil, value)), 32)
		require.NoError(t, err)
		require.Equal(t, math.Float32bits(float32(read)), binary.BigEndian.Uint32(sent))
	})
}

// What is written as an array is read as the same; what is none ends with an error.
func FuzzArraysAreReadAsTheyAreWritten(f *testing.F) {
	f.Add("a,b", "NULL", ";")
	f.Add(`{"`, `\`, ",")
	f.Add("", "é漢 ", ":")
	f.Add("{{1,2},{3", "}}", ",")
	f.Add("0", "0", "N")

	f.Fuzz(func(t *testing.T, one, other, delimiter string) {
		of := &valueType{element: &valueType{oid: pgtype.TextOID}, delimiter: ','}
		if len(delimiter) == 1 && delimiter[0] > ' ' && delimiter[0] < 0x7f && !isSpecial(delimiter[0]) {
			of.delimiter = delimiter[0]
		}

		items := []any{[]any{one, nil}, []any{other, one + other}}

		written, err := encodeText(items, of)
		require.NoError(t, err)

		read, err := decodeText(of, string(written))
		require.NoError(t, err)
		require.Equal(t, items, read)

		_, _ = decodeText(of, one)
		_, _ = decodeText(of, "{"+one+"}")
		_, _ = decodeBytes(one)
		_ = isoTimestamp(pgtype.TimestamptzOID, one)
	})
}

// isSpecial are the characters that the format itself needs: Postgres takes some of them for no delimiter of a type, and by a
// letter of NULL it could not read its own arrays.
func isSpecial(char byte) bool {
	return strings.ContainsRune(`{}"\=NULnul`, rune(char))
}
