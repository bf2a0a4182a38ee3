package binlog

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// GTIDSet is transactions of MySQL by the server that first had them:
// "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7".
type GTIDSet map[string][]interval

// interval is the numbers from first up to, but without, end.
type interval struct{ first, end int64 }

// ParseGTIDSet reads a set. Sets with tags are not understood.
func ParseGTIDSet(text string) (GTIDSet, error) {
	set := GTIDSet{}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if part == "" {
			continue
		}
		server, numbers, _ := strings.Cut(part, ":")
		if _, err := serverBytes(server); err != nil {
			return nil, err
		}
		for text := range strings.SplitSeq(numbers, ":") {
			i, err := parseInterval(text)
			if err != nil {
				return nil, err
			}
			set[server] = merge(append(set[server], i))
		}
	}
	return set, nil
}

func parseInterval(text string) (interval, error) {
	from, to, ranged := strings.Cut(text, "-")
	first, err := strconv.ParseInt(from, 10, 64)
	last := first
	if err == nil && ranged {
		last, err = strconv.ParseInt(to, 10, 64)
	}
	if err != nil || first < 1 || last < first {
		return interval{}, fmt.Errorf("%q is no range of a GTID set", text)
	}
	return interval{first, last + 1}, nil
}

// merge sorts intervals and joins those that touch.
func merge(list []interval) []interval {
	slices.SortFunc(list, func(a, b interval) int { return cmp.Compare(a.first, b.first) })
	joined := list[:1]
	for _, i := range list[1:] {
		if last := &joined[len(joined)-1]; i.first <= last.end {
			last.end = max(last.end, i.end)
		} else {
			joined = append(joined, i)
		}
	}
	return joined
}

// Add adds one transaction.
func (s GTIDSet) Add(server string, number int64) {
	s[server] = merge(append(s[server], interval{number, number + 1}))
}

// String is the set as MySQL writes it.
func (s GTIDSet) String() string {
	var parts []string
	for _, server := range slices.Sorted(maps.Keys(s)) {
		text := server
		for _, i := range s[server] {
			text += ":" + strconv.FormatInt(i.first, 10)
			if i.end > i.first+1 {
				text += "-" + strconv.FormatInt(i.end-1, 10)
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ",")
}

// encode is the set as the command has it.
func (s GTIDSet) encode() []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(s)))
	for _, server := range slices.Sorted(maps.Keys(s)) {
		id, _ := serverBytes(server) // was checked
		b = append(b, id...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(s[server])))
		for _, i := range s[server] {
			b = binary.LittleEndian.AppendUint64(b, uint64(i.first))
			b = binary.LittleEndian.AppendUint64(b, uint64(i.end))
		}
	}
	return b
}

func serverBytes(uuid string) ([]byte, error) {
	id, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil || len(id) != 16 || len(uuid) != 36 {
		return nil, fmt.Errorf("%q is no server of a GTID set", uuid)
	}
	return id, nil
}

// GTID reads a GTID event of MySQL.
func (e Event) GTID() (server string, number int64, err error) {
	r := reader{b: e.Body}
	r.take(1)
	id := r.take(16)
	number = int64(r.number(8))
	if r.err != nil {
		return "", 0, r.err
	}
	h := hex.EncodeToString(id)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), number, nil
}

// MariaSet is the last transaction of each domain of MariaDB: "0-1-100,1-1-7".
type MariaSet map[uint32]string

// ParseMariaSet reads a position of MariaDB.
func ParseMariaSet(text string) (MariaSet, error) {
	set := MariaSet{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		var domain, server uint32
		var number uint64
		if n, err := fmt.Sscanf(part, "%d-%d-%d", &domain, &server, &number); n != 3 || err != nil {
			return nil, fmt.Errorf("%q is no GTID of MariaDB", part)
		}
		set[domain] = fmt.Sprintf("%d-%d-%d", domain, server, number)
	}
	return set, nil
}

// String is the position as MariaDB writes it.
func (s MariaSet) String() string {
	parts := make([]string, 0, len(s))
	for _, domain := range slices.Sorted(maps.Keys(s)) {
		parts = append(parts, s[domain])
	}
	return strings.Join(parts, ",")
}

// Add makes a transaction the last one of its domain.
func (s MariaSet) Add(e MariaGTID) { s[e.domain] = e.text }

// MariaGTID is the beginning of a transaction of MariaDB.
type MariaGTID struct {
	domain uint32
	text   string
	// Alone says that one statement follows, without COMMIT.
	Alone bool
}

// MariaGTID reads a GTID event of MariaDB.
func (e Event) MariaGTID() (MariaGTID, error) {
	r := reader{b: e.Body}
	number, domain, flags := r.number(8), uint32(r.number(4)), r.number(1)
	return MariaGTID{domain, fmt.Sprintf("%d-%d-%d", domain, e.Server, number), flags&1 != 0}, r.err
}
