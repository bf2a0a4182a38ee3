package trial

// Write and its parts are what a log holds.
type (
	Write     = write
	Bulk      = bulk
	Item      = item
	JobDoc    = jobDoc
	Connector = connector
)

// Judge says what a log shows.
func Judge(log []Write, canceled map[string]bool) []string {
	t := &trial{record: newRecord(), weather: newWeather(1)}
	for _, w := range log {
		t.record.add(w)
	}
	t.users = []*user{{trial: t, canceled: canceled}}
	return t.judge().Violations
}

// Read tells what a request writes.
func Read(method, path string, body []byte) (Write, bool) { return read(method, path, body) }

// Answer notes what the node says.
func (w *write) Answer(status int, body []byte) { w.answer(status, body) }
