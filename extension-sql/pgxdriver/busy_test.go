package pgxdriver

import (
	"context"
	"database/sql/driver"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// asker asks the connection that it is a parameter of.
type asker struct{ conn *conn }

func (a asker) MarshalJSON() ([]byte, error) {
	_, err := a.conn.QueryContext(context.Background(), "SELECT 2", nil)

	return []byte("2"), err
}

func TestAParameterThatAsksTheBusyConnectionIsRefused(t *testing.T) {
	connector, err := pgDriver{}.OpenConnector(os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	opened, err := connector.Connect(t.Context())
	require.NoError(t, err)

	one, is := opened.(*conn)
	require.True(t, is)

	defer func() { require.NoError(t, one.Close()) }()

	_, err = one.QueryContext(t.Context(), "SELECT $1::jsonb", []driver.NamedValue{{Value: map[string]any{"a": asker{one}}}})
	require.ErrorIs(t, err, errBusy)

	_, err = one.QueryContext(t.Context(), "SELECT 1", nil)
	require.NoError(t, err)
}
