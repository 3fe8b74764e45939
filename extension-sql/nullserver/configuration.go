package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5/pgtype"
)

// listenerConfiguration is what one listener answers to every question, as JSON. Bytes are in base64, null where there is no value.
type listenerConfiguration struct {
	// Protocol is "http" or "sql".
	Protocol string `json:"protocol"`

	// Of HTTP. Headers are sent as they are. Content-Length comes of itself; a Date that is given is the present one.
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    []byte              `json:"body"`

	// Of SQL. Parameters are the object identifiers of the types of $1, $2, …; absent: int4, as many as the text names.
	Parameters []uint32              `json:"parameters"`
	Columns    []columnConfiguration `json:"columns"`
	// Rows have the values as text; where a client asks for binary ones they are made of it.
	Rows [][][]byte `json:"rows"`
	// Tag says what the statement did, as "SELECT 1".
	Tag string `json:"tag"`
	// Catalogue has the rows of the answer to what the driver asks of types (catalogue/types.sql); absent: none is given.
	Catalogue [][]string `json:"catalogue"`

	// Of both: how long an answer takes; absent: it leaves at once.
	paceConfiguration
}

type columnConfiguration struct {
	Name     string `json:"name"`
	OID      uint32 `json:"oid"`
	Size     int16  `json:"size"`
	Modifier int32  `json:"modifier"`
}

// readConfiguration reads a list of listeners and looks at all that it says.
func readConfiguration(from io.Reader) ([]listenerConfiguration, error) {
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()

	var all []listenerConfiguration
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("standard input: %w; expected a list of listeners as JSON", err)
	}

	if len(all) == 0 {
		return nil, fmt.Errorf("standard input: []; expected at least one listener")
	}

	for i, one := range all {
		if err := one.check(); err != nil {
			return nil, fmt.Errorf("standard input: [%d].%w", i, err)
		}
	}

	return all, nil
}

func (c listenerConfiguration) check() error {
	switch c.Protocol {
	case "http":
		if http.StatusText(c.Status) == "" && (c.Status < 200 || c.Status > 599) {
			return fmt.Errorf("status: %d; expected a status code from 200 to 599", c.Status)
		}
	case "sql":
		for i, row := range c.Rows {
			if len(row) != len(c.Columns) {
				return fmt.Errorf("rows[%d]: has %d values; expected one for each of the %d columns", i, len(row), len(c.Columns))
			}
		}
	default:
		return fmt.Errorf("protocol: %q; expected \"http\" or \"sql\"", c.Protocol)
	}

	return c.paceConfiguration.check()
}

// constants are what is answered where nobody says what.
func constants() []listenerConfiguration {
	const sizeOfFloat4 = 4

	return []listenerConfiguration{
		{Protocol: "http"},
		{
			Protocol: "sql",
			Columns:  []columnConfiguration{{Name: "prediction", OID: pgtype.Float4OID, Size: sizeOfFloat4, Modifier: -1}},
			Rows:     [][][]byte{{[]byte("1")}},
			Tag:      "SELECT 1",
		},
	}
}
