package pgxdriver

import (
	"database/sql/driver"
	"fmt"
)

// parameters are the values of one query as they are sent; a connection uses the same ones again and again.
type parameters struct {
	values  [][]byte
	formats []int16
	// bytes holds the short values. Where it grows, earlier values stay in the array that it leaves.
	bytes []byte
}

func (p *parameters) reset() {
	p.values, p.formats, p.bytes = p.values[:0], p.formats[:0], p.bytes[:0]
}

// encode writes each value for the type that the server expects.
func (p *parameters) encode(args []driver.NamedValue, oids []uint32, types *typeStore) error {
	p.reset()

	for i := range args {
		start := len(p.bytes)

		if binary, fits := appendBinary(p.bytes, args[i].Value, oids[i]); fits {
			p.bytes = binary
			p.values = append(p.values, binary[start:len(binary):len(binary)])
			p.formats = append(p.formats, binaryFormat)

			continue
		}

		text, err := encodeText(args[i].Value, types.find(oids[i]))
		if err != nil {
			return fmt.Errorf("parameter $%d: %w", i+1, err)
		}

		p.values = append(p.values, text)
		p.formats = append(p.formats, textFormat)
	}

	return nil
}

// encodeTexts writes each value as text, which is what no format at all means to the server.
func (p *parameters) encodeTexts(args []driver.NamedValue, of knownTypes) error {
	p.reset()

	for i := range args {
		text, err := encodeText(args[i].Value, of.at(i))
		if err != nil {
			return fmt.Errorf("parameter $%d: %w", i+1, err)
		}

		p.values = append(p.values, text)
	}

	return nil
}
