package pgxdriver

import (
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
)

// column is what decode needs to know of a result's column.
type column struct {
	oid    uint32
	format int16
}

// resultShape is what is known of a result before its rows come.
type resultShape struct {
	names   []string
	columns []column
	// isUnknown: the catalogue has to be asked before the values can be read.
	isUnknown bool
}

func (s *resultShape) oids() []uint32 {
	if s == nil {
		return nil
	}

	oids := make([]uint32, len(s.columns))
	for i, each := range s.columns {
		oids[i] = each.oid
	}

	return oids
}

// preparedShape chooses for each column how it is asked for: in binary where decode reads it, else as text. Returns nil
// where the statement had no columns when it was prepared.
func preparedShape(fields []pgconn.FieldDescription) *resultShape {
	if len(fields) == 0 {
		return nil
	}

	shape := &resultShape{names: make([]string, len(fields)), columns: make([]column, len(fields))}
	for i, field := range fields {
		shape.names[i] = field.Name
		shape.columns[i] = column{oid: field.DataTypeOID, format: formatOf(field.DataTypeOID)}
	}

	return shape
}

// describedShape is what the server says of the result that follows.
func describedShape(fields []pgproto3.FieldDescription, types *typeStore) *resultShape {
	shape := &resultShape{names: make([]string, len(fields)), columns: make([]column, len(fields))}
	for i, field := range fields {
		shape.names[i] = string(field.Name) // the message is overwritten by the next
		shape.columns[i] = column{oid: field.DataTypeOID, format: field.Format}
		shape.isUnknown = shape.isUnknown || !types.knows(field.DataTypeOID)
	}

	return shape
}

func formatOf(oid uint32) int16 {
	switch oid {
	case pgtype.BoolOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID,
		pgtype.ByteaOID:
		return binaryFormat
	default:
		return textFormat
	}
}

// formats is nil, which means text, where the columns are not known.
func (s *resultShape) formats() []int16 {
	if s == nil {
		return nil
	}

	formats := make([]int16, len(s.columns))
	for i, each := range s.columns {
		formats[i] = each.format
	}

	return formats
}
