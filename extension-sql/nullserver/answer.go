package main

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// formatAt is that of a column where a client asked for these.
func formatAt(formats []int16, index int) int16 {
	switch {
	case len(formats) == 1:
		return formats[0]
	case index < len(formats):
		return formats[index]
	default:
		return pgtype.TextFormatCode
	}
}

func (s *session) describe(formats []int16) {
	if len(s.configured.Columns) == 0 {
		s.backend.Send(&pgproto3.NoData{})

		return
	}

	fields := make([]pgproto3.FieldDescription, len(s.configured.Columns))
	for i, column := range s.configured.Columns {
		fields[i] = pgproto3.FieldDescription{
			Name: []byte(column.Name), DataTypeOID: column.OID, DataTypeSize: column.Size, TypeModifier: column.Modifier,
			Format: formatAt(formats, i),
		}
	}

	s.backend.Send(&pgproto3.RowDescription{Fields: fields})
}

// encoded is a part of an answer that is written already.
type encoded []byte

// Backend marks it as a message of the server.
func (encoded) Backend() {}

// Decode is never called: nobody reads such a message here.
func (encoded) Decode([]byte) error { return errors.ErrUnsupported }

// Encode puts it behind what else is sent.
func (e encoded) Encode(to []byte) ([]byte, error) { return append(to, e...), nil }

// rows are what the last Bind, or a text, asked for.
func (s *session) rows(formats []int16) {
	choice := fmt.Sprint(formats)

	known, isKnown := s.answers[choice]
	if !isKnown {
		known = s.written(formats)
		s.answers[choice] = known
	}

	s.backend.Send(known)
}

// written are all rows and the end of the result; an error in their place where a value cannot be given as it was asked for.
func (s *session) written(formats []int16) encoded {
	var text []byte

	types := pgtype.NewMap()

	for _, row := range s.configured.Rows {
		values := make([][]byte, len(row))
		for i, value := range row {
			values[i] = value

			if formatAt(formats, i) == pgtype.TextFormatCode || value == nil {
				continue
			}

			column := s.configured.Columns[i]

			binary, err := inBinary(types, column.OID, value)
			if err != nil {
				refusal, _ := (&pgproto3.ErrorResponse{
					Severity: "ERROR", Code: "0A000", Message: fmt.Sprintf("null-server: column %s in binary: %s", column.Name, err),
				}).Encode(nil)

				return refusal
			}

			values[i] = binary
		}

		text, _ = (&pgproto3.DataRow{Values: values}).Encode(text) // fails only where a row is longer than a message
	}

	text, _ = (&pgproto3.CommandComplete{CommandTag: []byte(s.configured.Tag)}).Encode(text)

	return text
}

// inBinary makes the binary form of a value of one of Postgres' own types.
func inBinary(types *pgtype.Map, oid uint32, text []byte) ([]byte, error) {
	known, isKnown := types.TypeForOID(oid)
	if !isKnown {
		return nil, fmt.Errorf("the type %d is not known", oid)
	}

	value, err := known.Codec.DecodeValue(types, oid, pgtype.TextFormatCode, text)
	if err != nil {
		return nil, err
	}

	return types.Encode(oid, pgtype.BinaryFormatCode, value, nil)
}
