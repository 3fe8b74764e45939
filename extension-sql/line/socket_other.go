//go:build !unix

package line

import "net"

func newLine(connection net.Conn, _ bool) net.Conn { return connection }
