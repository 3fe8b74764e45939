package pgxdriver

import (
	"encoding/binary"
	"errors"
	"io"
)

// wholeBytes is the room for an answer that is read at once; a prediction's takes 40.
const wholeBytes = 4096

// wholeAnswer is how the answer to a prepared query usually comes: all of it with one read, and nothing beside it. Reading
// it here costs a fifth of what pgproto3 takes to make a message of each part. All else is left to pgconn.
type wholeAnswer struct {
	answers *answers
	buffer  []byte
	fields  [][]byte
}

// answers lie between pgconn and its messages. What was read here and is not for here is given back, to be read as if nobody
// had looked.
type answers struct {
	from io.Reader // pgconn's own: it may have read in the background, or still do so
	back []byte
	err  error // after what was given back; nil: none
}

func (a *answers) giveBack(bytes []byte, err error) {
	a.back, a.err = append(a.back[:0], bytes...), err
}

// Read is pgproto3's.
func (a *answers) Read(into []byte) (int, error) {
	if len(a.back) > 0 {
		count := copy(into, a.back)
		a.back = a.back[count:]

		return count, nil
	}

	if err := a.err; err != nil {
		a.err = nil

		return 0, err
	}

	return a.from.Read(into)
}

// readWhole reads once. Returns false where what came, an error too, is left to pgconn.
func (c *conn) readWhole(shape *resultShape) (bool, error) {
	if c.whole.buffer == nil {
		c.whole.buffer = make([]byte, wholeBytes)
	}

	count, err := c.whole.answers.Read(c.whole.buffer)
	came := c.whole.buffer[:count]

	rows, tag, isWhole := wholeParts(came, c.pg.TxStatus())
	if err != nil || !isWhole {
		c.whole.answers.giveBack(came, err)

		return false, nil
	}

	for len(rows) > 0 {
		row, rest, _ := message('D', rows)
		rows = rest

		if c.whole.fields, isWhole = fieldsOf(row, c.whole.fields[:0]); !isWhole {
			return true, c.lost(nil, errors.New("a row's values do not fit its length"))
		}

		if err := c.addRow(shape, c.whole.fields); err != nil {
			return true, err
		}
	}

	c.tag = append(c.tag[:0], tag...)

	return true, nil
}

// message is the body of the first message where it is of this type and all of it is there, and what follows it.
func message(kind byte, from []byte) (body, rest []byte, is bool) {
	const head = 5 // type and length, which counts itself
	if len(from) < head || from[0] != kind {
		return nil, nil, false
	}

	end := 1 + int64(binary.BigEndian.Uint32(from[1:]))
	if end < head || end > int64(len(from)) {
		return nil, nil, false
	}

	return from[head:end], from[end:], true
}

// wholeParts takes BindComplete, any DataRows, CommandComplete and ReadyForQuery apart; false where anything else is there,
// or the transaction's status is another than it was, of which pgconn has to be told.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
func wholeParts(from []byte, status byte) (rows, tag []byte, is bool) {
	bound, from, is := message('2', from)
	if !is || len(bound) != 0 {
		return nil, nil, false
	}

	all := from

	for {
		_, rest, isRow := message('D', from)
		if !isRow {
			break
		}

		from = rest
	}

	rows = all[:len(all)-len(from)]

	tag, from, is = message('C', from)
	if !is || len(tag) == 0 || tag[len(tag)-1] != 0 {
		return nil, nil, false
	}

	ready, from, is := message('Z', from)
	if !is || len(from) != 0 || len(ready) != 1 || ready[0] != status {
		return nil, nil, false
	}

	return rows, tag[:len(tag)-1], true
}

// fieldsOf are the values of a DataRow, nil for NULL; false where their lengths do not fit it.
func fieldsOf(row []byte, into [][]byte) ([][]byte, bool) {
	const countBytes, lengthBytes = 2, 4

	if len(row) < countBytes {
		return into, false
	}

	count := int(binary.BigEndian.Uint16(row))
	row = row[countBytes:]

	for range count {
		if len(row) < lengthBytes {
			return into, false
		}

		length := int(int32(binary.BigEndian.Uint32(row)))
		row = row[lengthBytes:]

		if length == -1 {
			into = append(into, nil)

			continue
		}

		if length < 0 || length > len(row) {
			return into, false
		}

		into = append(into, row[:length:length])
		row = row[length:]
	}

	return into, len(row) == 0
}
