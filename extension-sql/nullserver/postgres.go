package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"inference-gap/extension-sql/catalogue"
	"inference-gap/extension-sql/sqltext"
)

// servePostgres gives the same answer to every statement; only what the driver asks of the catalogue is looked at.
func servePostgres(listener net.Listener, configured listenerConfiguration, keeps *pace) error {
	return eachConnection(listener, func(connection net.Conn) error {
		session := session{
			backend: pgproto3.NewBackend(connection, connection), connection: connection, configured: configured,
			pace: keeps, named: map[string]int{}, answers: map[string]encoded{},
		}

		return session.serve()
	})
}

type session struct {
	backend    *pgproto3.Backend
	connection net.Conn
	configured listenerConfiguration
	pace       *pace
	// isRefused from an error on until the client's Sync: what it sent behind the refused question is not answered.
	isRefused bool
	// named is how many parameters each prepared statement's text names, by the statement's name.
	named map[string]int
	// formats of the columns that the last Bind asked for: none is text, one is that of all.
	formats []int16
	// answers are written once for each choice of formats.
	answers map[string]encoded
}

func (s *session) serve() error {
	if err := s.begin(); err != nil {
		return err
	}

	for {
		message, err := s.backend.Receive()
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}

			return err
		}

		if _, ends := message.(*pgproto3.Terminate); ends {
			return nil
		}

		if s.answer(message) {
			if err := s.backend.Flush(); err != nil {
				return err
			}
		}
	}
}

// begin lets everybody in.
func (s *session) begin() error {
	for {
		message, err := s.backend.ReceiveStartupMessage()
		if err != nil {
			return err
		}

		if _, isStartup := message.(*pgproto3.StartupMessage); isStartup {
			break
		}

		// SSL or GSS: neither is here.
		if _, err := s.connection.Write([]byte{'N'}); err != nil {
			return err
		}
	}

	s.backend.Send(&pgproto3.AuthenticationOk{})

	for name, value := range map[string]string{
		"server_version": "18.0", "client_encoding": "UTF8", "standard_conforming_strings": "on", "DateStyle": "ISO, MDY",
	} {
		s.backend.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}

	s.backend.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	s.backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})

	return s.backend.Flush()
}

// answer tells whether the client now waits for it.
func (s *session) answer(message pgproto3.FrontendMessage) bool {
	if _, isSync := message.(*pgproto3.Sync); s.isRefused && !isSync {
		return false
	}

	switch asked := message.(type) {
	case *pgproto3.Parse:
		s.named[asked.Name] = sqltext.HighestParameter(asked.Query)
		s.backend.Send(&pgproto3.ParseComplete{})
	case *pgproto3.Describe:
		if asked.ObjectType == 'S' {
			s.backend.Send(&pgproto3.ParameterDescription{ParameterOIDs: s.parameters(asked.Name)})
			s.describe(nil)
		} else {
			s.describe(s.formats)
		}
	case *pgproto3.Bind:
		s.formats = slices.Clone(asked.ResultFormatCodes)
		s.backend.Send(&pgproto3.BindComplete{})
	case *pgproto3.Execute:
		if s.isRefused = !s.admitted(); !s.isRefused {
			s.rows(s.formats)
		}
	case *pgproto3.Query:
		s.simple(asked.String)
		s.ready()

		return true
	case *pgproto3.Close:
		s.backend.Send(&pgproto3.CloseComplete{})
	case *pgproto3.Sync:
		s.isRefused = false
		s.ready()

		return true
	case *pgproto3.Flush:
		return true
	}

	return false
}

func (s *session) ready() {
	s.backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
}

// parameters are the types of a statement's.
func (s *session) parameters(name string) []uint32 {
	if known := s.configured.Parameters; known != nil {
		return known
	}

	return slices.Repeat([]uint32{pgtype.Int4OID}, s.named[name])
}

// simple answers a text that is sent whole. What the driver asks when it first connects is two statements: the settings, of which
// none has to be changed, and the types.
func (s *session) simple(text string) {
	if s.configured.Catalogue == nil {
		s.whole()

		return
	}

	rest, asksSettings := strings.CutPrefix(text, catalogue.Settings)
	if asksSettings {
		s.table("set_config")
		s.complete("SELECT 0")

		if rest = strings.TrimPrefix(rest, ";"); rest == "" {
			return
		}
	}

	if !strings.HasPrefix(rest, catalogue.Types) {
		s.whole()

		return
	}

	s.table("oid", "typbasetype", "case", "case", "coalesce")

	for _, row := range s.configured.Catalogue {
		values := make([][]byte, len(row))
		for i, value := range row {
			values[i] = []byte(value)
		}

		s.backend.Send(&pgproto3.DataRow{Values: values})
	}

	s.complete(fmt.Sprintf("SELECT %d", len(s.configured.Catalogue)))
}

// admitted waits until the answer may leave; where there is to be none it tells the client.
func (s *session) admitted() bool {
	if s.pace == nil {
		return true
	}

	leaves, isAdmitted := s.pace.admit()
	if !isAdmitted {
		s.backend.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "53300", Message: tooMany}) // too_many_connections

		return false
	}

	s.pace.waitUntil(leaves)

	return true
}

// whole is the answer to a text: columns where there are any, rows and the end.
func (s *session) whole() {
	if !s.admitted() {
		return
	}

	if len(s.configured.Columns) > 0 {
		s.describe(nil)
	}

	s.rows(nil)
}

// table describes columns of texts.
func (s *session) table(names ...string) {
	fields := make([]pgproto3.FieldDescription, len(names))
	for i, name := range names {
		fields[i] = pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: pgtype.TextOID, DataTypeSize: -1, TypeModifier: -1}
	}

	s.backend.Send(&pgproto3.RowDescription{Fields: fields})
}

func (s *session) complete(tag string) {
	s.backend.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
}
