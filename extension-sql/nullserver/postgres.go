package main

import (
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Object identifiers of Postgres' own types.
const (
	int4   = 23
	float4 = 700
)

// servePostgres answers every statement with one row of one float4, without looking at what was asked.
func servePostgres(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}

		go func() {
			defer connection.Close()

			session := session{backend: pgproto3.NewBackend(connection, connection), connection: connection}
			_ = session.serve() // a connection that breaks is the client's business
		}()
	}
}

type session struct {
	backend    *pgproto3.Backend
	connection net.Conn
	// parameters of each prepared statement, by name.
	parameters map[string]int
	// format of the result that the last Bind asked for: 0 is text, 1 binary.
	format int16
}

func (s *session) serve() error {
	if err := s.begin(); err != nil {
		return err
	}

	s.parameters = map[string]int{}

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
	switch asked := message.(type) {
	case *pgproto3.Parse:
		s.parameters[asked.Name] = highestParameter(asked.Query)
		s.backend.Send(&pgproto3.ParseComplete{})
	case *pgproto3.Describe:
		if asked.ObjectType == 'S' {
			s.backend.Send(&pgproto3.ParameterDescription{ParameterOIDs: repeat(int4, s.parameters[asked.Name])})
			s.describe(0)
		} else {
			s.describe(s.format)
		}
	case *pgproto3.Bind:
		s.format = 0
		if len(asked.ResultFormatCodes) > 0 {
			s.format = asked.ResultFormatCodes[0]
		}

		s.backend.Send(&pgproto3.BindComplete{})
	case *pgproto3.Execute:
		s.row(s.format)
	case *pgproto3.Query:
		s.describe(0)
		s.row(0)
		s.backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})

		return true
	case *pgproto3.Close:
		s.backend.Send(&pgproto3.CloseComplete{})
	case *pgproto3.Sync:
		s.backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})

		return true
	case *pgproto3.Flush:
		return true
	}

	return false
}

func (s *session) describe(format int16) {
	s.backend.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{
		Name: []byte("prediction"), DataTypeOID: float4, DataTypeSize: 4, TypeModifier: -1, Format: format,
	}}})
}

var (
	oneAsText   = [][]byte{[]byte("1")}
	oneAsBinary = [][]byte{{0x3f, 0x80, 0, 0}}
)

func (s *session) row(format int16) {
	values := oneAsText
	if format == 1 {
		values = oneAsBinary
	}

	s.backend.Send(&pgproto3.DataRow{Values: values})
	s.backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
}

// highestParameter counts $1, $2, … up to 9, which is more than any question here has.
func highestParameter(query string) int {
	highest := 0

	for i := range len(query) - 1 {
		if digit := query[i+1]; query[i] == '$' && digit >= '1' && digit <= '9' {
			highest = max(highest, int(digit-'0'))
		}
	}

	return highest
}

func repeat(oid uint32, times int) []uint32 {
	oids := make([]uint32, times)
	for i := range oids {
		oids[i] = oid
	}

	return oids
}
