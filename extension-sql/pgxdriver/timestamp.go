package pgxdriver

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// isoTimestamp turns "2026-01-02 03:04:05.678+00" into "2026-01-02T03:04:05.678Z", and a timestamp without a zone into the same
// without Z: ISO 8601 as Date.parse reads it, with a sign and six digits for years before 0 and after 9999. A zone is what was
// in force there then, to the second: Paris was 9 minutes and 21 seconds ahead until 1911. infinity stays as Postgres writes it.
func isoTimestamp(oid uint32, text string) string {
	at, fraction, is := readTimestamp(text)
	if !is {
		return text
	}

	if at = at.UTC(); oid == pgtype.TimestamptzOID {
		fraction += "Z"
	}

	return isoYear(at.Year()) + at.Format("-01-02T15:04:05") + fraction
}

// utcTimestamp writes one as Postgres does where its TimeZone is UTC: "2026-01-02 03:04:05.678+00".
func utcTimestamp(text string) string {
	at, fraction, is := readTimestamp(text)
	if !is {
		return text
	}

	year, era := yearAndEra(at)

	return fmt.Sprintf("%04d", year) + at.Format("-01-02 15:04:05") + fraction + "+00" + era
}

// yearAndEra are as Postgres writes them: it knows no year 0, but BC.
func yearAndEra(at time.Time) (year int, era string) {
	if year = at.Year(); year < 1 {
		return 1 - year, " BC"
	}

	return year, ""
}

func isoYear(year int) string {
	if year >= 0 && year <= 9999 {
		return fmt.Sprintf("%04d", year)
	}

	return fmt.Sprintf("%+07d", year)
}

// readTimestamp takes "12345-01-02 03:04:05.678+00:09:21 BC" apart; the fraction, with its point, is kept as it is written.
func readTimestamp(text string) (at time.Time, fraction string, is bool) {
	text, isBC := strings.CutSuffix(text, " BC")
	date, clock, _ := strings.Cut(text, " ")
	written, day, _ := strings.Cut(date, "-")

	year, err := strconv.Atoi(written)
	if err != nil {
		return at, "", false
	}

	zone := 0

	if sign := strings.IndexAny(clock, "+-"); sign >= 0 {
		if zone, is = zoneSeconds(clock[sign:]); !is {
			return at, "", false
		}

		clock = clock[:sign]
	}

	if point := strings.IndexByte(clock, '.'); point >= 0 {
		clock, fraction = clock[:point], clock[point:]
	}

	// A leap year, for a 29th of February; the year itself may have more digits than Go reads.
	read, err := time.Parse("2006-01-02 15:04:05", "2000-"+day+" "+clock)
	if err != nil {
		return at, "", false
	}

	if isBC {
		year = 1 - year
	}

	return time.Date(year, read.Month(), read.Day(), read.Hour(), read.Minute(), read.Second()-zone, 0, time.UTC), fraction, true
}

// zoneSeconds reads "+01", "-03:30" and "+00:09:21".
func zoneSeconds(text string) (int, bool) {
	seconds, unit := 0, 3600

	for _, part := range strings.Split(text[1:], ":") {
		number, err := strconv.Atoi(part)
		if err != nil || unit == 0 {
			return 0, false
		}

		seconds += number * unit
		unit /= 60
	}

	if text[0] == '-' {
		seconds = -seconds
	}

	return seconds, true
}

// appendTimestamp writes a time as Postgres reads it, whatever the session's settings are.
func appendTimestamp(to []byte, at time.Time) []byte {
	at = at.UTC()
	year, era := yearAndEra(at)

	return append(fmt.Appendf(to, "%04d", year), at.Format("-01-02T15:04:05.999999Z")+era...)
}
