//go:build !unix

package pgxdriver

import "net"

func newLine(connection net.Conn) net.Conn { return connection }
