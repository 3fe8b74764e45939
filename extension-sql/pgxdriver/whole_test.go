package pgxdriver

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
)

// messagesOf are what a server would send.
func messagesOf(t *testing.T, all ...pgproto3.BackendMessage) []byte {
	t.Helper()

	var encoded []byte

	for _, each := range all {
		var err error
		encoded, err = each.Encode(encoded)
		require.NoError(t, err)
	}

	return encoded
}

var (
	bound  = &pgproto3.BindComplete{}                                  //nolint:gochecknoglobals // immutable
	row    = &pgproto3.DataRow{Values: [][]byte{[]byte("a"), nil, {}}} //nolint:gochecknoglobals // immutable
	done   = &pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")} //nolint:gochecknoglobals // immutable
	ready  = &pgproto3.ReadyForQuery{TxStatus: 'I'}                    //nolint:gochecknoglobals // immutable
	notice = &pgproto3.NoticeResponse{Message: "well"}                 //nolint:gochecknoglobals // immutable
)

func TestAWholeAnswerIsTakenApart(t *testing.T) {
	for count := range 3 {
		all := []pgproto3.BackendMessage{bound}
		for range count {
			all = append(all, row)
		}

		rows, tag, is := wholeParts(messagesOf(t, append(all, done, ready)...), 'I')
		require.True(t, is)
		require.Equal(t, "SELECT 1", string(tag))

		for range count {
			body, rest, isRow := message('D', rows)
			require.True(t, isRow)

			fields, fit := fieldsOf(body, nil)
			require.True(t, fit)
			require.Equal(t, row.Values, fields)

			rows = rest
		}

		require.Empty(t, rows)
	}
}

// Whatever is not the whole answer and nothing else is left to pgconn.
func TestAllElseIsNoWholeAnswer(t *testing.T) {
	whole := messagesOf(t, bound, row, done, ready)

	for end := range whole {
		_, _, is := wholeParts(whole[:end], 'I')
		require.False(t, is, "of %d bytes the first %d", len(whole), end)
	}

	for name, bytes := range map[string][]byte{
		"more follows":         append(append([]byte{}, whole...), 'N'),
		"a notice first":       messagesOf(t, notice, bound, row, done, ready),
		"a notice within":      messagesOf(t, bound, row, notice, done, ready),
		"a notice after it":    messagesOf(t, bound, row, done, ready, notice),
		"an error":             messagesOf(t, bound, row, &pgproto3.ErrorResponse{Message: "no"}, ready),
		"no bind":              messagesOf(t, row, done, ready),
		"a description":        messagesOf(t, bound, &pgproto3.RowDescription{}, row, done, ready),
		"two answers":          append(append([]byte{}, whole...), whole...),
		"within a transaction": messagesOf(t, bound, row, done, &pgproto3.ReadyForQuery{TxStatus: 'T'}),
		"a length below four":  {'2', 0, 0, 0, 3},
		"a length beyond all":  {'2', 255, 255, 255, 255},
	} {
		_, _, is := wholeParts(bytes, 'I')
		require.False(t, is, name)
	}
}

func TestARowWhoseLengthsDoNotFitIsNone(t *testing.T) {
	for name, body := range map[string][]byte{
		"no count":          {0},
		"a value too few":   {0, 1},
		"half a length":     {0, 1, 0, 0},
		"a value too short": {0, 1, 0, 0, 0, 2, 'a'},
		"a value too long":  {0, 1, 0, 0, 0, 1, 'a', 'b'},
		"a negative length": {0, 1, 255, 255, 255, 254},
	} {
		_, fit := fieldsOf(body, nil)
		require.False(t, fit, name)
	}
}

func TestWhatIsGivenBackIsReadAgainFirst(t *testing.T) {
	failure := errors.New("gone")
	all := &answers{from: strings.NewReader("later")}
	all.giveBack([]byte("first"), failure)

	into := make([]byte, 4)

	for _, expected := range []string{"firs", "t"} {
		count, err := all.Read(into)
		require.NoError(t, err)
		require.Equal(t, expected, string(into[:count]))
	}

	_, err := all.Read(into)
	require.ErrorIs(t, err, failure)

	count, err := all.Read(into)
	require.NoError(t, err)
	require.Equal(t, "late", string(into[:count]))
}
