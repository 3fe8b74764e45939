//go:build !(linux && (amd64 || arm64))

package line

import "errors"

// poller is there on Linux only.
type poller struct{}

type event struct{}

func (event) descriptor() int { return -1 }

func newPoller() (poller, error) { return poller{}, errors.ErrUnsupported }

func (*poller) add(int) error { return errors.ErrUnsupported }

func (*poller) remove(int) {}

func (*poller) wait(bool) []event { return nil }
