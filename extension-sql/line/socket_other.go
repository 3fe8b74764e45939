//go:build !unix

package line

import "net"

func newLine(connection net.Conn) net.Conn { return connection }
