// Package catalogue has what the driver asks of a database when it first connects. The texts are files, so that others who have to
// know the answers (the null server's configuration) ask the same.
package catalogue

import (
	_ "embed" // the texts are read by the compiler
)

// Settings sets what changes how Postgres writes values, and reads numbers and NULLs, to what the driver and its readers rely
// on, where it is something else; a row for each that was. Whether a currency's format matters is seen by what it does, for its
// name says nothing. DateStyle keeps the order in which the user wants dates to be read.
//
//go:embed settings.sql
var Settings string

// Types asks for what the driver has to know of a type; a condition on t follows. An array is what the server itself takes for
// one: values of a point, say, can be indexed as well, but are not written as an array.
//
//go:embed types.sql
var Types string

// OfNoTable is the condition that leaves out the row types of tables, of which there may be very many.
//
//go:embed of-no-table.sql
var OfNoTable string
