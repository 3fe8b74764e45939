package pgxdriver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"inference-gap/extension-sql/catalogue"
)

// valueType is what reading and writing a value depends on, as the server's catalogue has it.
type valueType struct {
	// oid of the type itself, of a domain the type below it.
	oid uint32
	// element is nil where it is no array.
	element *valueType
	// delimiter stands between an array's elements in text; a blank: there are no braces either (int2vector, oidvector).
	delimiter byte
	// parts are the types of what its text holds: of an array its elements, of a range or multirange its bounds, of a composite
	// its attributes in their order.
	parts []*valueType
	// isZoned: there are times with a zone in its text.
	isZoned bool
}

func (t *valueType) isArray() bool {
	return t != nil && t.element != nil
}

// isJSON says whether arrays and objects are written as JSON for it.
func (t *valueType) isJSON() bool {
	return t != nil && (t.oid == pgtype.JSONOID || t.oid == pgtype.JSONBOID)
}

// typeStore are the types of one database. Its first connection asks for all of them, before any query is measured; for
// one that is made later it is asked when a value of it first comes, and never again. What is kept of a type cannot change while it
// is there, but for a composite's attributes; a type made later has another OID.
type typeStore struct {
	all atomic.Pointer[map[uint32]*valueType]
	mu  sync.Mutex // of those who add to it
}

func newTypeStore() *typeStore {
	made := &typeStore{}
	made.all.Store(&map[uint32]*valueType{})

	return made
}

// find gives nil where nothing is known.
func (s *typeStore) find(oid uint32) *valueType {
	return (*s.all.Load())[oid]
}

// knows is quick for the types that are read without the catalogue.
func (s *typeStore) knows(oid uint32) bool {
	return isScalar(oid) || s.find(oid) != nil
}

// isScalar is true for the types whose values decode reads by their OID alone, and for text.
func isScalar(oid uint32) bool {
	switch oid {
	case pgtype.BoolOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID, pgtype.Float4OID, pgtype.Float8OID,
		pgtype.NumericOID, pgtype.ByteaOID, pgtype.TimestamptzOID, pgtype.TimestampOID, pgtype.TextOID, pgtype.VarcharOID:
		return true
	default:
		return false
	}
}

// typeFacts are a row of the catalogue.
type typeFacts struct {
	base, element uint32 // 0: none
	delimiter     byte
	parts         []uint32
}

// madeOf are the types that one is made of.
func (f typeFacts) madeOf() []uint32 {
	return append([]uint32{f.base, f.element}, f.parts...)
}

// learn asks for those of the types that are not known yet, and for the ones that they are made of.
func (s *typeStore) learn(ctx context.Context, pg *pgconn.PgConn, oids []uint32) error {
	missing := s.unknown(oids)
	if len(missing) == 0 {
		return nil
	}

	facts := map[uint32]typeFacts{}

	for len(missing) > 0 {
		listed := make([]string, len(missing))
		for i, oid := range missing {
			listed[i] = strconv.FormatUint(uint64(oid), 10)
			facts[oid] = typeFacts{} // one that has gone is read as text
		}

		results, err := pg.Exec(ctx, catalogue.Types+"t.oid IN ("+strings.Join(listed, ",")+")").ReadAll()
		if err != nil {
			return fmt.Errorf("the types of a result could not be looked up: %w", explained(err))
		}

		for _, result := range results {
			if err := readFacts(result, facts); err != nil {
				return err
			}
		}

		missing = s.unknownOf(facts)
	}

	s.add(facts)

	return nil
}

func (s *typeStore) unknown(oids []uint32) (missing []uint32) {
	for _, oid := range oids {
		if !s.knows(oid) {
			missing = append(missing, oid)
		}
	}

	return missing
}

// unknownOf are the types that others are made of and that nobody has asked for.
func (s *typeStore) unknownOf(facts map[uint32]typeFacts) (missing []uint32) {
	for _, fact := range facts {
		for _, oid := range fact.madeOf() {
			if _, asked := facts[oid]; oid != 0 && !asked && !s.knows(oid) {
				missing = append(missing, oid)
			}
		}
	}

	return missing
}

var errNoCatalogue = errors.New("the answer about types is none of Postgres' catalogue")

func readFacts(result *pgconn.Result, into map[uint32]typeFacts) error {
	const oid, base, element, delimiter, parts, columns = 0, 1, 2, 3, 4, 5

	for _, row := range result.Rows {
		if len(row) != columns || len(row[delimiter]) != 1 {
			return errNoCatalogue
		}

		numbers, err := readOIDs(row[:delimiter])
		if err != nil {
			return err
		}

		fact := typeFacts{base: numbers[base], element: numbers[element], delimiter: row[delimiter][0]}
		if fact.parts, err = readOIDs(bytes.Fields(row[parts])); err != nil {
			return err
		}

		into[numbers[oid]] = fact
	}

	return nil
}

func readOIDs(texts [][]byte) ([]uint32, error) {
	oids := make([]uint32, len(texts))

	for i, text := range texts {
		number, err := strconv.ParseUint(string(text), 10, 32)
		if err != nil {
			return nil, errNoCatalogue
		}

		oids[i] = uint32(number)
	}

	return oids, nil
}

// add makes types of the facts; those who read meanwhile see all of them or none.
func (s *typeStore) add(facts map[uint32]typeFacts) {
	s.mu.Lock()
	defer s.mu.Unlock()

	before := *s.all.Load()
	all := make(map[uint32]*valueType, len(before)+len(facts))

	for oid, one := range before {
		all[oid] = one
	}

	var made func(oid uint32) *valueType

	made = func(oid uint32) *valueType {
		if one := all[oid]; one != nil {
			return one
		}

		fact := facts[oid]

		if fact.base != 0 {
			all[oid] = made(fact.base)

			return all[oid]
		}

		one := &valueType{oid: oid, delimiter: fact.delimiter, isZoned: oid == pgtype.TimestamptzOID}
		all[oid] = one

		if fact.element != 0 {
			one.element = made(fact.element)
			one.parts = []*valueType{one.element}
		}

		for _, part := range fact.parts {
			one.parts = append(one.parts, made(part))
		}

		for _, part := range one.parts {
			one.isZoned = one.isZoned || part.isZoned
		}

		return one
	}

	for oid := range facts {
		made(oid)
	}

	s.all.Store(&all)
}
